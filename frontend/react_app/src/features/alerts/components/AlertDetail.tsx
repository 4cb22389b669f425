import { Anchor, Button, CloseButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { SeverityMark } from "@/components/alerts";
import { ErrorNotice, SkeletonRows } from "@/components/feedback";
import { Instant } from "@/components/time";
import { KIND_WORDS } from "@/lib/alertWords";
import type { Alert } from "@/lib/api";
import { formatCount } from "@/lib/format";
import { subjectHref } from "@/lib/jobWords";
import { alertQuery, useAcknowledge } from "@/lib/queries";

import styles from "./alerts.module.css";

interface Props {
  readonly id: number;
  /** The alert as the table has it: a link to an older one is asked for. */
  readonly known: Alert | undefined;
  readonly onClose: () => void;
}

/** One alert in full: all it says, where it leads, and since when. */
export function AlertDetail({ id, known, onClose }: Props) {
  const { data, error } = useQuery({ ...alertQuery(id), enabled: known === undefined });
  const alert = known ?? data;
  return (
    <section className={styles.detail} aria-label={`Alert ${id}`}>
      <div className={styles.detailHead}>
        {alert ? <SeverityMark severity={alert.severity} /> : null}
        <h2>{alert?.title ?? `Alert ${id}`}</h2>
        <CloseButton size="sm" aria-label="Close the alert" onClick={onClose} />
      </div>
      {alert ? <Told alert={alert} /> : error ? <ErrorNotice error={error} what="The alert could not be loaded" /> : <SkeletonRows rows={2} label="Loading the alert" />}
    </section>
  );
}

function Told({ alert }: { readonly alert: Alert }) {
  const acknowledge = useAcknowledge();
  const href = subjectHref(alert.subject);
  return (
    <>
      <p className={styles.message}>{alert.message}</p>
      <dl className={styles.facts}>
        <dt>Rule</dt>
        <dd>{KIND_WORDS[alert.kind]}</dd>
        <dt>Times</dt>
        <dd>{formatCount(alert.count)}</dd>
        <dt>First</dt>
        <dd>
          <Instant at={alert.created_at} />
        </dd>
        <dt>Last</dt>
        <dd>
          <Instant at={alert.last_at} />
        </dd>
        {alert.acknowledged_at === null ? null : (
          <>
            <dt>Seen</dt>
            <dd>
              <Instant at={alert.acknowledged_at} />
            </dd>
          </>
        )}
      </dl>
      <div className={styles.buttons}>
        {href ? (
          <Anchor component={Link} to={href} size="sm">
            Go to what it is about
          </Anchor>
        ) : null}
        {alert.acknowledged_at === null ? (
          <Button variant="default" loading={acknowledge.isPending} onClick={() => acknowledge.mutate({ ids: [alert.id] })}>
            Seen
          </Button>
        ) : null}
      </div>
      {acknowledge.error ? <ErrorNotice error={acknowledge.error} what="It was not marked" /> : null}
    </>
  );
}
