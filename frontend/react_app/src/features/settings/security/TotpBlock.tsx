import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { ErrorNotice, SkeletonRows } from "@/components/feedback";
import { Instant } from "@/components/time";
import type { Totp, TotpSetup } from "@/lib/account";
import { totpBegin, totpDisable, totpRecoveryCodes } from "@/lib/account";
import { plural } from "@/lib/format";

import styles from "../components/settings.module.css";
import { totpQuery } from "../queries";
import { ConfirmCode } from "./ConfirmCode";
import { ProofForm } from "./ProofForm";
import { RecoveryCodes } from "./RecoveryCodes";

/** What is going on in the block; secrets live here and nowhere else, and go with it. */
type Step =
  | { at: "rest" | "ask" | "renew" | "off" }
  | { at: "scan"; setup: TotpSetup }
  | { at: "codes"; codes: readonly string[] };

/** The second step of logging in: a code of an authenticator app, with recovery codes for the day it is gone. */
export function TotpBlock() {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(totpQuery);
  const [step, setStep] = useState<Step>({ at: "rest" });
  const rest = () => {
    setStep({ at: "rest" });
    void client.invalidateQueries({ queryKey: totpQuery.queryKey });
    void client.invalidateQueries({ queryKey: ["me"] });
  };
  return (
    <div className={styles.block}>
      <h2>Two-step log-in</h2>
      {error ? <ErrorNotice error={error} what="The state could not be loaded" onRetry={() => void refetch()} /> : null}
      {!data && !error ? <SkeletonRows rows={2} label="Loading the state" /> : null}
      {data && step.at === "rest" ? <AtRest state={data} onStep={(at) => setStep({ at })} /> : null}
      {step.at === "ask" ? (
        <ProofForm
          lead="First your password, so that nobody at your open computer can do this."
          submit="Go on"
          what="The set-up did not begin"
          onProof={async ({ password }) => setStep({ at: "scan", setup: await totpBegin(password) })}
          onCancel={rest}
        />
      ) : null}
      {step.at === "scan" ? (
        <ConfirmCode setup={step.setup} onCodes={(codes) => setStep({ at: "codes", codes })} onCancel={rest} />
      ) : null}
      {step.at === "codes" ? <RecoveryCodes codes={step.codes} onDone={rest} /> : null}
      {step.at === "renew" ? (
        <ProofForm
          lead="Ten new recovery codes take the place of the old ones, which stop working."
          submit="Make new codes"
          what="The old codes still hold"
          onProof={async ({ password }) => {
            setStep({ at: "codes", codes: (await totpRecoveryCodes(password)).recovery_codes });
          }}
          onCancel={rest}
        />
      ) : null}
      {step.at === "off" ? (
        <ProofForm
          withCode
          lead="Logging in will ask for the password alone."
          submit="Turn off"
          what="Two-step log-in is still on"
          onProof={async (proof) => {
            await totpDisable(proof);
            rest();
          }}
          onCancel={rest}
        />
      ) : null}
    </div>
  );
}

/** Recovery codes so few that new ones are due. */
const FEW = 3;

function AtRest({ state, onStep }: { state: Totp; onStep: (step: "ask" | "renew" | "off") => void }) {
  if (!state.enabled) {
    return (
      <>
        <p className={styles.lead}>
          Off. With it, a password alone opens nothing: logging in also asks for six digits from an app on your telephone
          or in your password manager.
        </p>
        <div className={styles.row}>
          <Button variant="default" onClick={() => onStep("ask")}>
            Set up
          </Button>
        </div>
      </>
    );
  }
  const left = state.recovery_codes_left;
  return (
    <>
      <p>
        On since <Instant at={state.confirmed_at} />. {plural(left, "recovery code")} left
        {left <= FEW ? ": make new ones before you need them." : "."}
      </p>
      <div className={styles.row}>
        <Button variant="default" onClick={() => onStep("renew")}>
          New recovery codes
        </Button>
        <Button variant="default" onClick={() => onStep("off")}>
          Turn off
        </Button>
      </div>
    </>
  );
}
