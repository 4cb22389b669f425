import { Button, Modal, NativeSelect, TextInput } from "@mantine/core";
import { useState, type SubmitEvent } from "react";

import { ErrorNotice } from "@/components/feedback";
import { mapServerErrors } from "@/components/form";
import type { RoleName } from "@/lib/account";
import { asApiError } from "@/lib/api";
import { oneOf } from "@/lib/urlState";

import { useAccountChanges } from "../queries";
import { ROLES } from "../search";
import { ROLE_WORDS } from "../words";
import { LinkShown } from "./LinkShown";
import styles from "./users.module.css";

const FIELDS = ["username", "email", "role", "first_name", "last_name"] as const;
const EMPTY = { username: "", email: "", first_name: "", last_name: "" };

/** A new account: its owner sets the password with a link, so that nobody else ever knows it. */
export function Invite({ onClose }: { onClose: () => void }) {
  const [values, setValues] = useState(EMPTY);
  const [role, setRole] = useState<RoleName>("viewer");
  const { invite } = useAccountChanges();
  const server = invite.error ? mapServerErrors(asApiError(invite.error).fields, FIELDS) : null;
  const atField = Object.keys(server?.errors ?? {}).length > 0;
  const field = (name: keyof typeof EMPTY) => ({
    name,
    value: values[name],
    error: server?.errors[name],
    onChange: (event: { currentTarget: { value: string } }) =>
      setValues({ ...values, [name]: event.currentTarget.value }),
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    invite.mutate({ ...values, username: values.username.trim(), role });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={invite.data ? `${invite.data.username} is invited` : "Invite somebody"}
      size={480}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {invite.data ? (
        <div className={styles.link}>
          <LinkShown invitation={invite.data.invitation} username={invite.data.username} />
          <div className={styles.actions}>
            <Button onClick={onClose}>Done</Button>
          </div>
        </div>
      ) : (
        <form onSubmit={submit} className={styles.form} noValidate>
          <TextInput
            label="User name"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            data-autofocus
            {...field("username")}
          />
          <NativeSelect
            label="Role"
            data={ROLES.map((value) => ({ value, label: ROLE_WORDS[value] }))}
            value={role}
            error={server?.errors.role}
            onChange={(event) => setRole(oneOf(event.currentTarget.value, ROLES) ?? "viewer")}
          />
          <TextInput
            className={styles.wide}
            label="E-mail"
            description="Optional. The link is mailed there where this server sends mail."
            inputMode="email"
            autoComplete="off"
            {...field("email")}
          />
          <TextInput label="First name" description="Optional." autoComplete="off" {...field("first_name")} />
          <TextInput label="Last name" description="Optional." autoComplete="off" {...field("last_name")} />
          {invite.error && !atField ? (
            <div className={styles.wide}>
              <ErrorNotice error={invite.error} what="Nobody was invited" />
            </div>
          ) : null}
          <div className={`${styles.wide ?? ""} ${styles.actions ?? ""}`}>
            <Button type="submit" loading={invite.isPending} disabled={values.username.trim() === ""}>
              Invite
            </Button>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
          </div>
        </form>
      )}
    </Modal>
  );
}
