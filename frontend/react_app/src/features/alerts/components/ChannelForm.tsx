import { Button, Checkbox, NativeSelect, PasswordInput, Switch, TextInput } from "@mantine/core";
import { useState, type SubmitEvent } from "react";

import { ConfirmButton } from "@/components/confirm";
import { ErrorNotice } from "@/components/feedback";
import { mapServerErrors } from "@/components/form";
import { asApiError, type AlertChannel } from "@/lib/api";

import { CHANNEL_FIELDS, channelBody, channelValues, checkChannel, type ChannelValues } from "../channelForm";
import { useDeleteChannel, useSaveChannel } from "../queries";
import styles from "./alerts.module.css";

interface Props {
  /** Null for a new one. */
  readonly channel: AlertChannel | null;
  readonly onDone: () => void;
}

const KINDS = [
  { value: "webhook", label: "Webhook" },
  { value: "email", label: "E-mail" },
];

/** One channel: where it goes, and for webhooks the secret its messages are signed with. */
export function ChannelForm({ channel, onDone }: Props) {
  const [values, setValues] = useState(() => channelValues(channel));
  const [tried, setTried] = useState(false);
  const save = useSaveChannel();
  const remove = useDeleteChannel();
  const server = save.error ? mapServerErrors(asApiError(save.error).fields, CHANNEL_FIELDS).errors : {};
  // What stands at a field is not said a second time below.
  const elsewhere = Object.keys(server).length === 0 ? save.error : null;
  const errors = { ...server, ...(tried ? checkChannel(values) : {}) };
  const text = (field: "name" | "url" | "address" | "secret") => ({
    name: field,
    value: values[field],
    error: errors[field],
    onChange: (event: { currentTarget: { value: string } }) => set({ [field]: event.currentTarget.value }),
  });
  const set = (patch: Partial<ChannelValues>) => setValues((before) => ({ ...before, ...patch }));
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    save.reset();
    if (Object.keys(checkChannel(values)).length > 0) return;
    save.mutate({ id: channel?.id ?? null, kind: values.kind, body: channelBody(values) }, { onSuccess: onDone });
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label={channel ? "Change the channel" : "New channel"}>
      <h2>{channel ? `${channel.name}, ${channel.kind === "email" ? "e-mail" : "webhook"}` : "New channel"}</h2>
      {channel ? null : (
        <NativeSelect
          label="Kind"
          data={KINDS}
          value={values.kind}
          onChange={(event) => set({ kind: event.currentTarget.value === "email" ? "email" : "webhook" })}
        />
      )}
      <TextInput label="Name" description="As your rules will call it." {...text("name")} />
      {values.kind === "email" ? (
        <TextInput label="Address" type="email" {...text("address")} />
      ) : (
        <>
          <TextInput
            label="Address"
            type="url"
            placeholder="https://"
            description="Must be reachable from the server. Addresses inside its own network are refused unless whoever runs TITAN allows them."
            {...text("url")}
          />
          <PasswordInput
            label="Secret"
            autoComplete="new-password"
            disabled={values.unsigned}
            description={
              channel?.has_secret
                ? "Leave empty to keep the present one. It is never shown again."
                : "Each message is signed with it (HMAC-SHA256), so that the receiver can tell ours. Keep a copy: it is never shown again."
            }
            {...text("secret")}
          />
          {channel?.has_secret ? (
            <Checkbox
              label="Forget the secret: send unsigned"
              checked={values.unsigned}
              onChange={(event) => set({ unsigned: event.currentTarget.checked, secret: "" })}
            />
          ) : null}
        </>
      )}
      <Switch label="On" checked={values.is_active} onChange={(event) => set({ is_active: event.currentTarget.checked })} />
      {elsewhere ? <ErrorNotice error={elsewhere} what="The channel was not kept" /> : null}
      {remove.error ? <ErrorNotice error={remove.error} what="The channel was not deleted" /> : null}
      <div className={styles.buttons}>
        <Button type="submit" loading={save.isPending}>
          {channel ? "Keep the change" : "Keep the channel"}
        </Button>
        <Button variant="default" onClick={onDone}>
          Close
        </Button>
        {channel ? (
          <ConfirmButton
            label="Delete"
            about="channel"
            question="Rules that used it go on without it."
            yes="Delete the channel"
            loading={remove.isPending}
            onConfirm={() => remove.mutate(channel.id, { onSuccess: onDone })}
          />
        ) : null}
      </div>
    </form>
  );
}
