import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";

import { ErrorNotice } from "@/components/feedback";
import { asApiError } from "@/lib/api";

import styles from "../components/settings.module.css";

interface Proof {
  password: string;
  code: string;
}

interface Props {
  lead: string;
  submit: string;
  /** What has not happened, when it is refused. */
  what: string;
  withCode?: boolean;
  onProof: (proof: Proof) => Promise<void>;
  onCancel: () => void;
}

/** The password (and a code) once more, before what only its owner may do. */
export function ProofForm({ lead, submit, what, withCode = false, onProof, onCancel }: Props) {
  const [proof, setProof] = useState<Proof>({ password: "", code: "" });
  const prove = useMutation({ mutationFn: () => onProof({ ...proof, code: proof.code.replaceAll(/\s/g, "") }) });
  const fields = prove.error ? asApiError(prove.error).fields : {};
  const atField = fields.password !== undefined || fields.code !== undefined;
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    prove.mutate();
  };
  return (
    <form className={styles.shown} onSubmit={onSubmit} noValidate>
      <p>{lead}</p>
      <div className={styles.narrow}>
        <PasswordInput
          label="Your password"
          name="password"
          autoComplete="current-password"
          value={proof.password}
          error={fields.password?.join(" ")}
          visibilityToggleButtonProps={{ "aria-label": "Show the password", tabIndex: 0 }}
          onChange={(event) => setProof({ ...proof, password: event.currentTarget.value })}
          autoFocus // eslint-disable-line jsx-a11y/no-autofocus -- it opens on the person's own press
        />
        {withCode ? (
          <TextInput
            label="Code"
            description="Six digits from your app, or a recovery code."
            name="otp"
            autoComplete="one-time-code"
            value={proof.code}
            error={fields.code?.join(" ")}
            onChange={(event) => setProof({ ...proof, code: event.currentTarget.value })}
          />
        ) : null}
      </div>
      {prove.error && !atField ? <ErrorNotice error={prove.error} what={what} /> : null}
      <div className={styles.row}>
        <Button type="submit" loading={prove.isPending} disabled={proof.password === "" || (withCode && proof.code === "")}>
          {submit}
        </Button>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
