import { Anchor, Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState, type SubmitEvent } from "react";

import { EmptyState, ErrorNotice, SkeletonRows } from "@/components/feedback";
import { Instant } from "@/components/time";
import { acceptInvitation, invitationQuery } from "@/lib/invitation";
import { ApiError } from "@/lib/api";

import styles from "./login.module.css";

interface Props {
  token: string;
  /** Leads to the log-in page, with the name to log in by. */
  onDone: (username: string) => void;
}

const isGone = (error: unknown) => error instanceof ApiError && error.status === 404;

/** Where a link from an administrator leads: a password is chosen, for a new account or in place of a lost one. */
export function WelcomePage({ token, onDone }: Props) {
  const { data, error, refetch } = useQuery(invitationQuery(token));
  useEffect(() => {
    document.title = "Welcome · TITAN";
  }, []);
  return (
    <main className={styles.room}>
      <div className={styles.panel}>
        <h1 className={styles.name}>TITAN</h1>
        {isGone(error) ? (
          <EmptyState title="This link no longer works" action={<Anchor href="/login">Go to the log-in page</Anchor>}>
            It was used already, or it is older than seven days, or a newer one has taken its place. Ask an administrator
            for another.
          </EmptyState>
        ) : null}
        {error && !isGone(error) ? (
          <ErrorNotice error={error} what="The link could not be checked" onRetry={() => void refetch()} />
        ) : null}
        {!data && !error ? <SkeletonRows rows={4} label="Checking the link" /> : null}
        {data ? (
          <>
            <p className={styles.lead}>Choose a password for your account. It takes the place of any earlier one.</p>
            <PasswordForm token={token} username={data.username} onDone={onDone} />
            <p className={styles.hint}>
              This link works once, until <Instant at={data.expires_at} />.
            </p>
          </>
        ) : null}
      </div>
    </main>
  );
}

function PasswordForm({ token, username, onDone }: Props & { username: string }) {
  const [password, setPassword] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const accept = useMutation({
    mutationFn: () => acceptInvitation(token, password),
    onSuccess: () => onDone(username),
    onError: () => field.current?.focus(),
  });
  const wrong = accept.error instanceof ApiError ? accept.error.fields.password?.join(" ") : undefined;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!accept.isPending) accept.mutate();
  };
  return (
    <form onSubmit={submit} className={styles.form} noValidate>
      <TextInput label="User name" name="username" autoComplete="username" value={username} readOnly size="sm" />
      {/* Asked once: it can be looked at, and a lost one is replaced by another link. */}
      <PasswordInput
        ref={field}
        label="New password"
        description="At least 8 characters; the longer the better. A few unrelated words are fine."
        name="password"
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={wrong}
        errorProps={{ role: "alert" }}
        visibilityToggleButtonProps={{ "aria-label": "Show the password", tabIndex: 0 }}
        size="sm"
      />
      {accept.error && wrong === undefined ? (
        <ErrorNotice error={accept.error} what="The password was not set" />
      ) : null}
      <Button type="submit" size="sm" loading={accept.isPending} fullWidth>
        Set the password
      </Button>
    </form>
  );
}
