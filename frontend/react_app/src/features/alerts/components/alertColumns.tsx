import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { SeverityMark } from "@/components/alerts";
import type { DataColumn } from "@/components/table";
import { Instant } from "@/components/time";
import { KIND_WORDS, SEVERITIES } from "@/lib/alertWords";
import type { Alert } from "@/lib/api";
import { formatCount } from "@/lib/format";
import { subjectHref } from "@/lib/jobWords";

import styles from "./alerts.module.css";

function Title({ alert }: { alert: Alert }) {
  const href = subjectHref(alert.subject);
  return href ? (
    <Anchor component={Link} to={href} size="sm" tabIndex={-1} title={alert.title}>
      {alert.title}
    </Anchor>
  ) : (
    <span title={alert.title}>{alert.title}</span>
  );
}

export const ALERT_COLUMNS: readonly DataColumn<Alert>[] = [
  {
    id: "severity",
    header: "Severity",
    width: 112,
    // Sorts by how much it matters, not by the alphabet.
    value: ({ severity }) => SEVERITIES.indexOf(severity),
    cell: ({ severity }) => <SeverityMark severity={severity} named />,
  },
  {
    id: "title",
    header: "What",
    width: 240,
    grow: 2,
    value: ({ title }) => title,
    cell: (alert) => <Title alert={alert} />,
    hideable: false,
  },
  {
    id: "message",
    header: "Says",
    width: 240,
    grow: 4,
    value: ({ message }) => message,
    cell: ({ message }) => (
      <span className={styles.clip} title={message}>
        {message}
      </span>
    ),
    sortable: false,
  },
  { id: "kind", header: "Rule", width: 168, value: ({ kind }) => KIND_WORDS[kind] },
  {
    id: "count",
    header: "Times",
    width: 64,
    align: "right",
    firstSort: "descending",
    value: ({ count }) => count,
    cell: ({ count }) => formatCount(count),
    explain: "How often it happened: the same thing again raises this count instead of adding a row.",
  },
  {
    id: "last_at",
    header: "Last",
    width: 184,
    firstSort: "descending",
    value: ({ last_at }) => last_at,
    cell: ({ last_at }) => <Instant at={last_at} />,
  },
  {
    id: "acknowledged_at",
    header: "Seen",
    width: 184,
    firstSort: "descending",
    value: ({ acknowledged_at }) => acknowledged_at,
    cell: ({ acknowledged_at }) => <Instant at={acknowledged_at} none="" />,
    explain: "When you said that you have seen it.",
  },
];

