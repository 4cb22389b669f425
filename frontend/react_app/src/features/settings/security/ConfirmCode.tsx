import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";

import { CopyField } from "@/components/copy";
import { ErrorNotice } from "@/components/feedback";
import { totpConfirm, type TotpSetup } from "@/lib/account";
import { asApiError } from "@/lib/api";

import styles from "../components/settings.module.css";
import { qrImage } from "./qrImage";

interface Props {
  setup: TotpSetup;
  onCodes: (codes: readonly string[]) => void;
  onCancel: () => void;
}

/** The secret as a picture and as text, and the first code, which shows that the app has it right. */
export function ConfirmCode({ setup, onCodes, onCancel }: Props) {
  const [code, setCode] = useState("");
  const confirm = useMutation({
    mutationFn: () => totpConfirm(code.replaceAll(/\s/g, "")),
    onSuccess: ({ recovery_codes: codes }) => onCodes(codes),
  });
  const error = confirm.error ? asApiError(confirm.error) : null;
  const atField = error?.fields.code?.join(" ");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  return (
    <form className={styles.shown} onSubmit={submit} noValidate>
      <p>Scan the picture with an authenticator app, or give the key to a password manager; then type the code it shows.</p>
      <div className={styles.setUp}>
        <img
          className={styles.qr}
          src={qrImage(setup.qr_svg)}
          alt="QR code for an authenticator app; the key beside it says the same"
        />
        <div className={styles.block}>
          <CopyField label="Key" value={setup.secret} />
          <TextInput
            label="Code"
            description="Six digits, new every half minute."
            name="otp"
            inputMode="numeric"
            autoComplete="one-time-code"
            value={code}
            error={atField}
            onChange={(event) => {
              confirm.reset();
              setCode(event.currentTarget.value);
            }}
          />
          {error && atField === undefined ? <ErrorNotice error={error} what="Two-step log-in is still off" /> : null}
          <div className={styles.row}>
            <Button type="submit" loading={confirm.isPending} disabled={code.trim() === ""}>
              Turn on
            </Button>
            <Button variant="default" onClick={onCancel}>
              Cancel
            </Button>
          </div>
        </div>
      </div>
    </form>
  );
}
