import { Button } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";

import { ErrorNotice, SkeletonRows } from "@/components/feedback";
import { JobProgress } from "@/components/jobs";
import type { Page, Signal } from "@/lib/api";
import { formatBarDate, formatPercent, formatSigned, plural } from "@/lib/format";
import { isOver, useRefreshSignals } from "@/lib/queries";
import { useJobLive } from "@/lib/socket";

import { sideOf, SIGNAL_SIGNS, SIGNAL_WORDS } from "../signalWords";
import styles from "./rule.module.css";

interface Props {
  readonly pair: number | null;
  readonly query: UseQueryResult<Page<Signal>>;
  readonly chosen: string | null;
  readonly onChoose: (signal: string | null) => void;
}

/** What the rule said of the pair, bar by bar as it came; new ones arrive by themselves. */
export function SignalsPanel({ pair, query, chosen, onChoose }: Props) {
  if (pair === null) {
    return <p className={styles.note}>Signals are kept for watched pairs. Press “Watch this pair”, and they are worked out at each new bar.</p>;
  }
  const { data, error, refetch } = query;
  return (
    <section className={styles.panel} aria-label="Signals">
      <Refresh pair={pair} onDone={() => void refetch()} />
      {data ? (
        data.results.length === 0 ? (
          <p className={styles.note}>No signal yet. Bring them up to date, or wait for the next bar.</p>
        ) : (
          <Signals signals={data} chosen={chosen} onChoose={onChoose} />
        )
      ) : error ? (
        <ErrorNotice error={error} what="The signals could not be loaded" onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={6} label="Loading the signals" />
      )}
    </section>
  );
}

function Signals({ signals, chosen, onChoose }: { readonly signals: Page<Signal> } & Pick<Props, "chosen" | "onChoose">) {
  const dim = signals.results.some(({ in_sample }) => in_sample) && signals.results.some(({ in_sample }) => !in_sample);
  return (
    <>
      {/* A scrolling box must be reachable by keyboard; its rows hold buttons. */}
      <div className={styles.signalBox}>
        <table className={styles.signals} aria-label="Signals of the pair">
          <thead>
            <tr>
              <th scope="col">Bar</th>
              <th scope="col">Signal</th>
              <th scope="col">z</th>
              <th scope="col">Sure</th>
            </tr>
          </thead>
          <tbody>
            {signals.results.map((signal) => (
              <Row key={signal.id} signal={signal} dim={dim && signal.in_sample} chosen={chosen === `s${signal.id}`} onChoose={onChoose} />
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles.note}>
        {plural(signals.count, "signal")}, each from what was known at its bar. Sure: share of earlier trades of the pair that
        earned money.{dim ? " Faint: the pair was fitted on that bar." : ""}
      </p>
    </>
  );
}

interface RowProps {
  readonly signal: Signal;
  readonly dim: boolean;
  readonly chosen: boolean;
  readonly onChoose: Props["onChoose"];
}

function Row({ signal, dim, chosen, onChoose }: RowProps) {
  const { id, timestamp, signal_type: kind, z_score, confidence_score: sure, n_past } = signal;
  return (
    <tr data-chosen={chosen || undefined} data-dim={dim || undefined} title={sure === null ? undefined : `${formatPercent(sure)} of ${plural(n_past, "earlier trade")} earned money`}>
      <th scope="row">
        <button type="button" className={styles.pick} aria-pressed={chosen} onClick={() => onChoose(chosen ? null : `s${id}`)}>
          {formatBarDate(timestamp)}
        </button>
      </th>
      <td className={styles.kind} data-side={sideOf(kind)}>
        <span aria-hidden="true">{SIGNAL_SIGNS[kind]}</span> {SIGNAL_WORDS[kind]}
      </td>
      <td>{formatSigned(z_score)}</td>
      <td>{formatPercent(sure)}</td>
    </tr>
  );
}

/** Asks for the signals up to the last bar, and shows the job while it runs. */
function Refresh({ pair, onDone }: { readonly pair: number; readonly onDone: () => void }) {
  const refresh = useRefreshSignals(pair);
  const { job } = useJobLive(refresh.data?.id);
  const [read, setRead] = useState<number | null>(null);
  const running = job !== undefined && !isOver(job);
  if (job && isOver(job) && read !== job.id) {
    setRead(job.id);
    queueMicrotask(onDone);
  }
  return (
    <>
      {running ? <JobProgress job={job} title="Signals" /> : null}
      {job?.status === "FAILED" || job?.status === "ERRORED" ? <p role="alert">{job.error}</p> : null}
      {refresh.error ? <ErrorNotice error={refresh.error} what="The signals were not brought up to date" /> : null}
      {running ? null : (
        <Button variant="default" loading={refresh.isPending} onClick={() => refresh.mutate()}>
          Bring up to date
        </Button>
      )}
    </>
  );
}
