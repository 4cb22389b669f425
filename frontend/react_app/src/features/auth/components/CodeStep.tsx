import { Button, TextInput } from "@mantine/core";
import { useEffect, useRef, useState, type SubmitEvent } from "react";

import { ErrorNotice } from "@/components/feedback";
import { ApiError } from "@/lib/api";

import styles from "./login.module.css";

interface Props {
  username: string;
  busy: boolean;
  error: Error | null;
  onCode: (code: string) => void;
  onBack: () => void;
}

/** The second step. One field for both kinds of code; it may be pasted, spaces and all. */
export function CodeStep({ username, busy, error, onCode, onBack }: Props) {
  const [code, setCode] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const refusal = error instanceof ApiError && error.status === 401 ? error.message : null;
  const wanting = error instanceof ApiError ? error.fields.otp?.join(" ") : undefined;
  useEffect(() => {
    field.current?.focus();
    if (refusal !== null) field.current?.select();
  }, [refusal, error]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const clean = code.replaceAll(/\s/g, "");
    if (!busy && clean !== "") onCode(clean);
  };
  return (
    <form onSubmit={submit} className={styles.form} noValidate>
      <p className={styles.step}>
        The password of <strong>{username}</strong> is right. One more step.
      </p>
      <TextInput
        ref={field}
        label="Code"
        description="Six digits from your authenticator app, or one of your recovery codes."
        name="otp"
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        error={refusal ?? wanting}
        errorProps={{ role: "alert" }}
        data-autofocus
        size="sm"
      />
      {error && refusal === null && wanting === undefined ? (
        <ErrorNotice error={error} what="You could not be logged in" />
      ) : null}
      <Button type="submit" size="sm" loading={busy} fullWidth>
        Log in
      </Button>
      <Button variant="subtle" size="sm" onClick={onBack} fullWidth>
        Start over
      </Button>
    </form>
  );
}
