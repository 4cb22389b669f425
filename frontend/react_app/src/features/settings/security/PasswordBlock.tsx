import { Button, PasswordInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";

import { ErrorNotice } from "@/components/feedback";
import { mapServerErrors } from "@/components/form";
import { asApiError, session } from "@/lib/api";
import { useMe } from "@/lib/queries";

import { Saved } from "../components/Saved";
import styles from "../components/settings.module.css";
import { sessionsQuery } from "../queries";

const FIELDS = ["current_password", "new_password"] as const;
const EMPTY = { current_password: "", new_password: "" };

/** A new password; every other session ends, this one stays. */
export function PasswordBlock() {
  const { username } = useMe();
  const client = useQueryClient();
  const [values, setValues] = useState(EMPTY);
  const change = useMutation({
    mutationFn: () => session.changePassword(values.current_password, values.new_password),
    onSuccess: () => {
      setValues(EMPTY);
      void client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  const server = change.error ? mapServerErrors(asApiError(change.error).fields, FIELDS) : null;
  const atField = Object.keys(server?.errors ?? {}).length > 0;
  const field = (name: (typeof FIELDS)[number]) => ({
    name,
    value: values[name],
    error: server?.errors[name],
    visibilityToggleButtonProps: { "aria-label": "Show the password", tabIndex: 0 },
    onChange: (event: { currentTarget: { value: string } }) => {
      change.reset();
      setValues({ ...values, [name]: event.currentTarget.value });
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <form className={styles.block} onSubmit={submit} noValidate>
      <h2>Password</h2>
      <div className={styles.narrow}>
        {/* For password managers, which keep a password under its name. */}
        <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
        <PasswordInput label="Current password" autoComplete="current-password" {...field("current_password")} />
        <PasswordInput
          label="New password"
          description="At least 8 characters; the longer the better. A few unrelated words are fine."
          autoComplete="new-password"
          {...field("new_password")}
        />
      </div>
      {change.error && !atField ? <ErrorNotice error={change.error} what="The password was not changed" /> : null}
      <div className={styles.row}>
        <Button
          type="submit"
          loading={change.isPending}
          disabled={values.current_password === "" || values.new_password === ""}
        >
          Change the password
        </Button>
        <Saved shown={change.isSuccess}>Changed. Every other session has ended.</Saved>
      </div>
    </form>
  );
}
