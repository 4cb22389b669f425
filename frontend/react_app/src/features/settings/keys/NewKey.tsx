import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useState, type SubmitEvent } from "react";

import { ErrorNotice } from "@/components/feedback";
import { mapServerErrors } from "@/components/form";
import type { KeyScope } from "@/lib/account";
import { asApiError } from "@/lib/api";
import { useMe } from "@/lib/queries";

import styles from "../components/settings.module.css";
import { useMakeKey } from "../queries";
import { SCOPE_MEANS } from "../words";
import { expiryOf, LIFETIMES, offeredScopes } from "./keyForm";

/** What a new key is for, how far it reaches, and until when. */
export function NewKey({ onMade }: { onMade: (made: { name: string; key: string }) => void }) {
  const { permissions } = useMe();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly KeyScope[]>(["read"]);
  const [days, setDays] = useState<string>("90");
  const make = useMakeKey();
  const server = make.error ? mapServerErrors(asApiError(make.error).fields, ["name", "scopes", "expires_at"]) : null;
  const atField = Object.keys(server?.errors ?? {}).length > 0;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    make.mutate(
      { name: name.trim(), scopes: [...scopes], expires_at: expiryOf(days, new Date()) },
      {
        onSuccess: (made) => {
          setName("");
          onMade(made);
        },
      },
    );
  };
  const toggle = (scope: KeyScope, on: boolean) =>
    setScopes(on ? [...scopes, scope] : scopes.filter((each) => each !== scope));
  return (
    <form className={styles.block} onSubmit={submit} noValidate>
      <h2>New key</h2>
      <div className={styles.fields}>
        <TextInput
          label="Name"
          placeholder="Nightly report"
          value={name}
          maxLength={80}
          error={server?.errors.name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label="Lives"
          data={[...LIFETIMES]}
          value={days}
          error={server?.errors.expires_at}
          onChange={(event) => setDays(event.currentTarget.value)}
        />
      </div>
      <div className={styles.narrow} role="group" aria-label="Scopes">
        {offeredScopes(permissions).map((scope) => (
          <Checkbox
            key={scope}
            label={scope}
            description={SCOPE_MEANS[scope]}
            checked={scopes.includes(scope)}
            onChange={(event) => toggle(scope, event.currentTarget.checked)}
          />
        ))}
      </div>
      {server?.errors.scopes ? <ErrorNotice error={server.errors.scopes} /> : null}
      {make.error && !atField ? <ErrorNotice error={make.error} what="No key was made" /> : null}
      <div className={styles.row}>
        <Button type="submit" loading={make.isPending} disabled={name.trim() === "" || scopes.length === 0}>
          Make the key
        </Button>
      </div>
    </form>
  );
}
