import { Button, CloseButton, NativeSelect } from "@mantine/core";

import { ConfirmButton } from "@/components/confirm";
import { ErrorNotice } from "@/components/feedback";
import { Instant } from "@/components/time";
import type { Account } from "@/lib/account";
import { plural } from "@/lib/format";
import { useMay, useMe } from "@/lib/queries";
import { oneOf } from "@/lib/urlState";

import { useAccountChanges } from "../queries";
import { ROLES } from "../search";
import { fullName, ROLE_WORDS, stateWords } from "../words";
import { LinkShown } from "./LinkShown";
import styles from "./users.module.css";

interface Props {
  account: Account;
  onClose: () => void;
}

/** One account, and what an administrator may do about it. */
export function AccountPanel({ account, onClose }: Props) {
  const may = useMay("users.change_user");
  const me = useMe();
  const { id, username, is_active: active } = account;
  return (
    <aside className={styles.panel} aria-label={`Account ${username}`}>
      <div className={styles.panelHead}>
        <h2>{username}</h2>
        <CloseButton size="sm" aria-label={`Close ${username}`} onClick={onClose} />
      </div>
      <dl className={styles.facts}>
        <dt>Name</dt>
        <dd>{fullName(account) || "not given"}</dd>
        <dt>E-mail</dt>
        <dd>{account.email || "not given"}</dd>
        <dt>State</dt>
        <dd>{stateWords(account)}</dd>
        <dt>Last log-in</dt>
        <dd>
          <Instant at={account.last_login} none="never" />
        </dd>
        <dt>Logged in</dt>
        <dd>
          {plural(account.n_sessions, "session")}, {plural(account.n_keys, "API key")}
        </dd>
        <dt>Two-step</dt>
        <dd>{account.totp_enabled ? "on" : "off"}</dd>
      </dl>
      {may ? <Actions account={account} self={id === me.id} active={active} /> : null}
    </aside>
  );
}

function Actions({ account, self, active }: { account: Account; self: boolean; active: boolean }) {
  const { id, username } = account;
  const { update, newLink, signOut, disableTotp } = useAccountChanges();
  const failed = update.error ?? newLink.error ?? signOut.error ?? disableTotp.error;
  const busy = update.isPending || newLink.isPending || signOut.isPending || disableTotp.isPending;
  return (
    <>
      <NativeSelect
        label="Role"
        data={[
          ...(account.role === null ? [{ value: "", label: "None" }] : []),
          ...ROLES.map((value) => ({ value, label: ROLE_WORDS[value] })),
        ]}
        value={account.role ?? ""}
        disabled={busy}
        onChange={(event) => {
          const role = oneOf(event.currentTarget.value, ROLES);
          if (role !== undefined) update.mutate({ id, role });
        }}
      />
      {newLink.data ? <LinkShown invitation={newLink.data} username={username} /> : null}
      {failed ? <ErrorNotice error={failed} what="Nothing was changed" /> : null}
      <div className={styles.actions}>
        {active ? (
          <ConfirmButton
            label={account.invited ? "New link" : "Password link"}
            question={`A link with which ${username} sets a new password, once, within seven days. Any earlier link stops working.`}
            yes="Make the link"
            disabled={busy}
            onConfirm={() => newLink.mutate(id)}
          />
        ) : null}
        {account.n_sessions > 0 ? (
          <ConfirmButton
            label="Log out everywhere"
            question={`Every session of ${username} ends at once${self ? ", this one too" : ""}. API keys stay.`}
            disabled={busy}
            onConfirm={() => signOut.mutate(id)}
          />
        ) : null}
        {account.totp_enabled ? (
          <ConfirmButton
            label="Disable two-step"
            question={`${username} logs in with the password alone until it is set up again. Make sure that it is really ${username} who asked.`}
            disabled={busy}
            onConfirm={() => disableTotp.mutate(id)}
          />
        ) : null}
        {active ? (
          <ConfirmButton
            label="Deactivate"
            question={`${username} is logged out at once and can't log in until activated again. Scans and pairs stay.`}
            disabled={busy}
            onConfirm={() => update.mutate({ id, is_active: false })}
          />
        ) : (
          <Button variant="default" disabled={busy} onClick={() => update.mutate({ id, is_active: true })}>
            Activate
          </Button>
        )}
      </div>
    </>
  );
}
