import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";

import { ErrorNotice } from "@/components/feedback";
import { mapServerErrors } from "@/components/form";
import { asApiError, authMeUpdate } from "@/lib/api";
import { meQuery, useMe } from "@/lib/queries";

import { ROLE_MEANS } from "../words";
import { Saved } from "./Saved";
import styles from "./settings.module.css";

const FIELDS = ["first_name", "last_name", "email"] as const;

/** Name and address; what the role allows is said, and changed by an administrator. */
export function ProfileSection() {
  const me = useMe();
  const client = useQueryClient();
  const [values, setValues] = useState({ first_name: me.first_name, last_name: me.last_name, email: me.email });
  const save = useMutation({
    mutationFn: () => authMeUpdate({ body: values }),
    onSuccess: (fresh) => client.setQueryData(meQuery.queryKey, fresh),
  });
  const server = save.error ? mapServerErrors(asApiError(save.error).fields, FIELDS) : null;
  const atField = Object.keys(server?.errors ?? {}).length > 0;
  const text = (name: (typeof FIELDS)[number]) => ({
    name,
    value: values[name],
    error: server?.errors[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      save.reset();
      setValues({ ...values, [name]: event.currentTarget.value });
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const { role } = me;
  return (
    <form className={styles.block} onSubmit={submit} noValidate>
      <h2>Profile</h2>
      <dl className={styles.facts}>
        <dt>User name</dt>
        <dd>{me.username}</dd>
        <dt>Role</dt>
        <dd>{role === null ? "None yet: an administrator gives roles." : ROLE_MEANS[role]}</dd>
      </dl>
      <div className={styles.fields}>
        <TextInput label="First name" autoComplete="given-name" {...text("first_name")} />
        <TextInput label="Last name" autoComplete="family-name" {...text("last_name")} />
        <TextInput
          className={styles.wide}
          label="E-mail"
          description="For notices you ask to have mailed, and for a new password's link."
          inputMode="email"
          autoComplete="email"
          {...text("email")}
        />
      </div>
      {save.error && !atField ? <ErrorNotice error={save.error} what="The profile was not saved" /> : null}
      <div className={styles.row}>
        <Button type="submit" loading={save.isPending}>
          Save
        </Button>
        <Saved shown={save.isSuccess} />
      </div>
    </form>
  );
}
