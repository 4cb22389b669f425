import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useEffect, useRef, type SubmitEvent } from "react";

import { ErrorNotice } from "@/components/feedback";
import { ApiError } from "@/lib/api";

import styles from "./login.module.css";

interface Props {
  username: string;
  onUsername: (name: string) => void;
  fixedName: boolean;
  password: string;
  onPassword: (password: string) => void;
  busy: boolean;
  error: Error | null;
  onSubmit: () => void;
}

/** Whether the server refused the name or the password, rather than failing. */
const isRefusal = (error: unknown): error is ApiError => error instanceof ApiError && error.status === 401;

/** The first step. Both fields take what a password manager or the clipboard puts in. */
export function PasswordStep(props: Props) {
  const { error, busy } = props;
  const field = useRef<HTMLInputElement>(null);
  const refusal = isRefusal(error) ? error.message : null;
  const fields = error instanceof ApiError ? error.fields : {};
  useEffect(() => {
    if (!isRefusal(error)) return;
    field.current?.focus();
    field.current?.select();
  }, [error]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!busy) props.onSubmit();
  };
  return (
    <form onSubmit={submit} className={styles.form} noValidate>
      {/* The name is kept in the form for password managers, even where it can't be changed. */}
      <TextInput
        label="User name"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        value={props.username}
        onChange={(event) => props.onUsername(event.currentTarget.value)}
        readOnly={props.fixedName}
        error={fields.username?.join(" ")}
        data-autofocus={!props.fixedName || undefined}
        size="sm"
      />
      <PasswordInput
        ref={field}
        label="Password"
        name="password"
        autoComplete="current-password"
        value={props.password}
        onChange={(event) => props.onPassword(event.currentTarget.value)}
        error={refusal ?? fields.password?.join(" ")}
        errorProps={{ role: "alert" }}
        visibilityToggleButtonProps={{ "aria-label": "Show the password", tabIndex: 0 }}
        data-autofocus={props.fixedName || undefined}
        size="sm"
      />
      {error && refusal === null && Object.keys(fields).length === 0 ? (
        <ErrorNotice error={error} what="You could not be logged in" />
      ) : null}
      <Button type="submit" size="sm" loading={busy} fullWidth>
        Log in
      </Button>
    </form>
  );
}
