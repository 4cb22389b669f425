import { Anchor, Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { Ago } from "@/components/time";
import { timesWords } from "@/lib/alertWords";
import type { Alert } from "@/lib/api";
import { subjectHref } from "@/lib/jobWords";
import { useAcknowledge } from "@/lib/queries";

import styles from "./alerts.module.css";
import { SeverityMark } from "./SeverityMark";

interface Props {
  readonly alerts: readonly Alert[];
  /** Called when a link was followed: a popover closes. */
  readonly onGo?: () => void;
}

/** Open alerts one under the other: what, since when, where it leads, and that one has seen it. */
export function AlertLines({ alerts, onGo }: Props) {
  const acknowledge = useAcknowledge();
  return (
    <>
      {acknowledge.error ? (
        <p role="alert" className={styles.refused}>
          {acknowledge.error.message}
        </p>
      ) : null}
      <ul className={styles.lines}>
        {alerts.map((alert) => (
          <AlertLine
            key={alert.id}
            alert={alert}
            onGo={onGo}
            busy={acknowledge.isPending}
            onAcknowledge={() => acknowledge.mutate({ ids: [alert.id] })}
          />
        ))}
      </ul>
    </>
  );
}

interface LineProps {
  readonly alert: Alert;
  readonly onGo: (() => void) | undefined;
  readonly busy: boolean;
  readonly onAcknowledge: () => void;
}

function AlertLine({ alert, onGo, busy, onAcknowledge }: LineProps) {
  const href = subjectHref(alert.subject);
  const times = timesWords(alert);
  return (
    <li className={styles.line}>
      <SeverityMark severity={alert.severity} />
      <div className={styles.words}>
        {href ? (
          <Anchor component={Link} to={href} size="sm" onClick={onGo}>
            {alert.title}
          </Anchor>
        ) : (
          <span>{alert.title}</span>
        )}
        {alert.message === "" ? null : <span className={styles.message}>{alert.message}</span>}
        <span className={styles.since}>
          <Ago at={alert.last_at} />
          {times === "" ? null : `, ${times}`}
        </span>
      </div>
      <Button
        variant="subtle"
        size="compact-xs"
        mih={24}
        disabled={busy}
        aria-label={`Seen: ${alert.title}`}
        onClick={onAcknowledge}
      >
        Seen
      </Button>
    </li>
  );
}
