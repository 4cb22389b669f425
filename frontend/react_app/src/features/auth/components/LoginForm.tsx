import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState, type SubmitEvent } from "react";

import { ErrorNotice } from "@/components/feedback";
import { ApiError, session } from "@/lib/api";

import styles from "./login.module.css";

interface Props {
  onDone: () => void;
  /** Known already when a session has ended: only the password is asked. */
  username?: string;
}

/** Whether the server refused the name or the password, rather than failing. */
const isRefusal = (error: unknown): error is ApiError => error instanceof ApiError && error.status === 401;

export function LoginForm({ onDone, username: known }: Props) {
  const [username, setUsername] = useState(known ?? "");
  const [password, setPassword] = useState("");
  const passwordField = useRef<HTMLInputElement>(null);
  const login = useMutation({
    mutationFn: () => session.login(username.trim(), password),
    onSuccess: onDone,
    onError: (error) => {
      if (!isRefusal(error)) return;
      passwordField.current?.focus();
      passwordField.current?.select();
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!login.isPending) login.mutate();
  };
  const refusal = isRefusal(login.error) ? login.error.message : null;
  const fields = login.error instanceof ApiError ? login.error.fields : {};
  return (
    <form onSubmit={submit} className={styles.form} noValidate>
      {/* The name is kept in the form for password managers, even where it can't be changed. */}
      <TextInput
        label="User name"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        value={username}
        onChange={(event) => setUsername(event.currentTarget.value)}
        readOnly={known !== undefined}
        error={fields.username?.join(" ")}
        data-autofocus={known === undefined || undefined}
        size="sm"
      />
      <PasswordInput
        ref={passwordField}
        label="Password"
        name="password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={refusal ?? fields.password?.join(" ")}
        errorProps={{ role: "alert" }}
        visibilityToggleButtonProps={{ "aria-label": "Show the password", tabIndex: 0 }}
        data-autofocus={known !== undefined || undefined}
        size="sm"
      />
      {login.error && refusal === null && Object.keys(fields).length === 0 ? (
        <ErrorNotice error={login.error} what="You could not be logged in" />
      ) : null}
      <Button type="submit" size="sm" loading={login.isPending} fullWidth>
        Log in
      </Button>
    </form>
  );
}
