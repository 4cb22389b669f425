import { SegmentedControl } from "@mantine/core";

import { Forbidden } from "@/components/feedback";
import { Page } from "@/components/page";
import { useMay } from "@/lib/queries";

import type { UsersSearch } from "../search";
import { Accounts } from "./Accounts";
import { AuditTrail } from "./AuditTrail";
import { VerifyChain } from "./VerifyChain";
import styles from "./users.module.css";

export interface SearchProps {
  search: UsersSearch;
  onSearch: (patch: Partial<UsersSearch>, options?: { replace?: boolean }) => void;
}

const TABS = [
  { value: "accounts", label: "Accounts" },
  { value: "audit", label: "Audit trail" },
];

/** Who may log in and do what, and what was done: for administrators. */
export function UsersPage({ search, onSearch }: SearchProps) {
  const mayPeople = useMay("users.view_user");
  const mayAudit = useMay("common.view_auditentry");
  if (!mayPeople) {
    return (
      <Forbidden title="Users">
        Accounts, roles and the audit trail are kept by administrators. Your own name, password and sessions stand under
        Settings.
      </Forbidden>
    );
  }
  const tab = search.tab === "audit" && mayAudit ? "audit" : "accounts";
  return (
    <Page title="Users" note="Accounts, their roles, and what people did">
      {mayAudit ? (
        <div className={styles.above}>
          <SegmentedControl
            aria-label="Show"
            data={TABS}
            value={tab}
            onChange={(value) =>
              onSearch({ tab: value === "audit" ? "audit" : undefined, user: undefined, page: undefined })
            }
          />
          {tab === "audit" ? <VerifyChain /> : null}
        </div>
      ) : null}
      {tab === "audit" ? <AuditTrail search={search} onSearch={onSearch} /> : null}
      {tab === "accounts" ? <Accounts search={search} onSearch={onSearch} /> : null}
    </Page>
  );
}
