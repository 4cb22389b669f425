import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { ConfirmButton } from "@/components/confirm";
import { CopyField } from "@/components/copy";
import { ErrorNotice, SkeletonRows } from "@/components/feedback";
import { Instant } from "@/components/time";
import type { ApiKey } from "@/lib/account";

import styles from "../components/settings.module.css";
import { keysQuery, useRevokeKey } from "../queries";
import { endOf } from "./keyForm";
import { NewKey } from "./NewKey";

/** Keys with which one's programs use TITAN. */
export function KeysSection() {
  const { data, error, refetch } = useQuery(keysQuery);
  const [made, setMade] = useState<{ name: string; key: string } | null>(null);
  return (
    <>
      <div className={styles.block}>
        <h2>API keys</h2>
        <p className={styles.lead}>
          For programs of your own. A key does what its scopes name, never more than you may do yourself, and can't change
          passwords, keys or sessions.{" "}
          <Anchor href="/api/docs/" target="_blank" rel="noreferrer" inherit underline="always">
            API documentation
          </Anchor>
        </p>
        {made ? (
          <div className={styles.shown} role="group" aria-label="New key">
            <p>
              <strong>The key {made.name} is made. Copy it now:</strong> it is kept as a digest and can't be shown again.
            </p>
            <CopyField
              label="Key"
              value={made.key}
              description="Send it as a header: Authorization: Bearer, a space, the key."
            />
          </div>
        ) : null}
        {error ? <ErrorNotice error={error} what="The keys could not be loaded" onRetry={() => void refetch()} /> : null}
        {!data && !error ? <SkeletonRows rows={3} label="Loading the keys" /> : null}
        {data?.length === 0 ? <p className={styles.past}>No key yet.</p> : null}
        {data && data.length > 0 ? (
          <ul className={styles.list} aria-label="API keys">
            {data.map((key) => (
              <KeyLine key={key.id} apiKey={key} />
            ))}
          </ul>
        ) : null}
      </div>
      <NewKey onMade={setMade} />
    </>
  );
}

function KeyLine({ apiKey: key }: { apiKey: ApiKey }) {
  const revoke = useRevokeKey();
  const [now] = useState(() => new Date());
  const end = endOf(key, now);
  return (
    <li className={styles.item}>
      <div className={`${styles.itemBody ?? ""} ${end ? (styles.past ?? "") : ""}`}>
        <strong>{key.name}</strong> <code>titan_{key.prefix}_…</code>
        <p>
          {end ? (
            <>
              {end.word} <Instant at={end.at} />
            </>
          ) : (
            <>
              {key.scopes.join(", ")}; last used <Instant at={key.last_used_at} none="never" />;{" "}
              {key.expires_at ? (
                <>
                  until <Instant at={key.expires_at} />
                </>
              ) : (
                "no end"
              )}
            </>
          )}
        </p>
        {revoke.error ? <ErrorNotice error={revoke.error} what="The key still works" /> : null}
      </div>
      {end ? null : (
        <ConfirmButton
          label="Revoke"
          about={key.name}
          question={`Programs that use ${key.name} are refused at once. This can't be taken back.`}
          yes="Revoke the key"
          onConfirm={() => revoke.mutate(key.id)}
          loading={revoke.isPending}
        />
      )}
    </li>
  );
}
