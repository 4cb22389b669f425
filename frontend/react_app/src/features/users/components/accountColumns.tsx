import type { DataColumn } from "@/components/table";
import { Instant } from "@/components/time";
import type { Account } from "@/lib/account";
import { MISSING } from "@/lib/format";

import { fullName, ROLE_WORDS, stateWords } from "../words";
import styles from "./users.module.css";

/** Columns that the panel beside the table says too. */
const IN_PANEL = ["email", "totp", "sessions", "keys", "last_login", "date_joined"];

/** The columns of the accounts; `shown` is the one told about in full, beside a table of fewer columns. */
export function accountColumns(shown: number | undefined, onOpen: (id: number) => void): DataColumn<Account>[] {
  const columns = allColumns(shown, onOpen);
  return shown === undefined ? columns : columns.filter(({ id }) => !IN_PANEL.includes(id));
}

function allColumns(shown: number | undefined, onOpen: (id: number) => void): DataColumn<Account>[] {
  return [
    {
      id: "username",
      header: "User name",
      width: 128,
      grow: 1,
      value: ({ username }) => username,
      cell: ({ id, username }) => (
        <button
          type="button"
          className={styles.person}
          aria-pressed={id === shown}
          tabIndex={-1}
          onClick={() => onOpen(id)}
        >
          {username}
        </button>
      ),
      hideable: false,
    },
    { id: "name", header: "Name", width: 128, grow: 1, value: (account) => fullName(account) || null, sortable: false },
    { id: "email", header: "E-mail", width: 160, grow: 1, value: ({ email }) => email || null },
    {
      id: "role",
      header: "Role",
      width: 72,
      value: ({ role }) => (role ? ROLE_WORDS[role] : MISSING),
    },
    {
      id: "state",
      header: "State",
      width: 96,
      value: stateWords,
      cell: (account) => (
        <span className={styles.state} data-state={stateWords(account)}>
          {stateWords(account)}
        </span>
      ),
      explain: "Invited: a link is out, and no password is set yet. Link is out: a new password may be set with it.",
      sortable: false,
    },
    {
      id: "totp",
      header: "Two-step",
      width: 88,
      value: ({ totp_enabled }) => (totp_enabled ? "on" : "off"),
      explain: "Whether logging in asks for a code of an authenticator.",
      sortable: false,
    },
    {
      id: "sessions",
      header: "Sessions",
      width: 72,
      align: "right",
      value: ({ n_sessions }) => n_sessions,
      explain: "Browsers and programs that are logged in now.",
      sortable: false,
    },
    {
      id: "keys",
      header: "Keys",
      width: 56,
      align: "right",
      value: ({ n_keys }) => n_keys,
      explain: "API keys that work.",
      sortable: false,
    },
    {
      id: "last_login",
      header: "Last log-in",
      width: 184,
      value: ({ last_login }) => last_login,
      cell: ({ last_login }) => <Instant at={last_login} none="never" />,
      firstSort: "descending",
    },
    {
      id: "date_joined",
      header: "Since",
      width: 184,
      value: ({ date_joined }) => date_joined,
      cell: ({ date_joined }) => <Instant at={date_joined} />,
      firstSort: "descending",
    },
  ];
}
