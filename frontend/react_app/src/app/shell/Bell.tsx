import { Anchor, Popover } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { AlertLines } from "@/components/alerts";
import { ErrorNotice, SkeletonRows } from "@/components/feedback";
import { openWords } from "@/lib/alertWords";
import { alertSummaryQuery, openAlertsQuery } from "@/lib/queries";

import styles from "./shell.module.css";

const SHOWN = 6;
/** More than this is only "many". */
const MOST = 99;

/** The bell: how many alerts nobody has looked at, and the newest of them. */
export function Bell() {
  const [opened, setOpened] = useState(false);
  const { data } = useQuery(alertSummaryQuery);
  const count = data?.unacknowledged ?? 0;
  const critical = (data?.by_severity.critical ?? 0) > 0;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus returnFocus withRoles>
      <Popover.Target>
        <button
          type="button"
          className={styles.quietButton}
          aria-label={`Alerts, ${openWords(count)}`}
          title={openWords(count)}
          onClick={() => setOpened(!opened)}
        >
          <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false" className={styles.bell}>
            <path d="M3.5 11.5V7.2a4.5 4.5 0 0 1 9 0v4.3l1.2 1.3H2.3Z M6.5 14.5h3" />
          </svg>
          {count > 0 ? (
            <span className={styles.badge} data-tone={critical ? "bad" : undefined} aria-hidden>
              {count > MOST ? `${MOST}+` : count}
            </span>
          ) : null}
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Alerts">
        <div className={styles.alerts}>
          {opened ? <Newest onGo={() => setOpened(false)} /> : null}
          <Anchor component={Link} to="/alerts" size="sm" onClick={() => setOpened(false)}>
            {count > SHOWN ? `All ${count} alerts` : "All alerts"}
          </Anchor>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function Newest({ onGo }: { onGo: () => void }) {
  const { data, error, refetch } = useQuery(openAlertsQuery);
  if (data) {
    if (data.results.length === 0) return <span>Nothing needs a look.</span>;
    return <AlertLines alerts={data.results.slice(0, SHOWN)} onGo={onGo} />;
  }
  if (error) return <ErrorNotice error={error} what="The alerts could not be loaded" onRetry={() => void refetch()} />;
  return <SkeletonRows rows={3} label="Loading the alerts" />;
}
