import { NativeSelect } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { ErrorNotice, SkeletonBlock } from "@/components/feedback";
import { JobProgress } from "@/components/jobs";
import { OverfittingPanel, type Judged } from "@/components/overfitting";
import type { Job, Sweep, SweepSummary } from "@/lib/api";
import { isOver, refreshSweep, surfaceQuery } from "@/lib/queries";
import { settingWords, parameterWords } from "@/lib/settingWords";
import { useJobLive } from "@/lib/socket";

import { METRICS, metricOf, SURFACE_METRICS } from "../metrics";
import { askedWords, countWords, ENDINGS, settingsOf, verdictWords } from "../words";
import type { SweepSearch } from "../search";
import { Choices } from "./Choices";
import { CombinationTable } from "./CombinationTable";
import { SurfacePlot } from "./SurfacePlot";
import type { SetSweepSearch } from "./SweepPage";
import styles from "./sweeps.module.css";

interface Props {
  readonly sweep: Sweep;
  readonly search: SweepSearch;
  readonly onSearch: SetSweepSearch;
}

/** The sweep's job, live; at its end the sweep is read again. */
function useSweepJob(sweep: Sweep): Job | null {
  const client = useQueryClient();
  const { job: live } = useJobLive(sweep.job?.id);
  const job = live ?? sweep.job;
  const stale = sweep.job !== null && !isOver(sweep.job) && job?.status !== sweep.job.status;
  const status = job?.status;
  useEffect(() => {
    if (stale) void refreshSweep(client, sweep.id);
  }, [client, sweep.id, stale, status]);
  return job;
}

/** Progress, then what was found and how much of it is luck. */
export function SweepView({ sweep, search, onSearch }: Props) {
  const job = useSweepJob(sweep);
  const { summary } = sweep;
  return (
    <>
      {summary ? <Verdict sweep={sweep} /> : <UnderWay sweep={sweep} job={job} />}
      {summary ? (
        <div className={styles.main}>
          <div className={styles.column}>
            <SurfacePart sweep={sweep} search={search} onSearch={onSearch} />
            <CombinationTable sweep={sweep} search={search} onSearch={onSearch} />
          </div>
          <aside className={styles.column}>
            <Choices sweep={sweep} chosen={search.chosen} />
            <section aria-labelledby="luck" className={styles.luck}>
              <h2 id="luck">How much of it is luck?</h2>
              <OverfittingPanel results={judgedOf(summary)} only={ASKED} barsAYear={sweep.periods_per_year} />
              <p className={styles.muted}>{summary.deflated.words}</p>
              <p className={styles.muted}>A walk-forward chooses anew on each past and counts only what comes after: it answers this better than any sweep.</p>
            </section>
          </aside>
        </div>
      ) : null}
      <p className={styles.asked}>
        {askedWords(sweep).map((phrase) => (
          <span key={phrase}>{phrase}</span>
        ))}
      </p>
    </>
  );
}

/** What a sweep can answer; the others need bars of one run. */
const ASKED: readonly string[] = ["deflated", "pbo"];

function judgedOf({ deflated, pbo, pbo_words }: SweepSummary): Judged {
  const overfitting = { pbo, pbo_words, min_track_record: null, min_track_record_years: null, min_track_record_words: "" };
  return { deflated, overfitting, monte_carlo: null };
}

function Verdict({ sweep }: { readonly sweep: Sweep }) {
  return (
    <div className={styles.head}>
      <p className={styles.verdict}>{verdictWords(sweep)}</p>
      <p className={styles.muted}>{countWords(sweep)}</p>
      {sweep.warnings.length === 0 ? null : (
        <ul className={styles.notes} aria-label="Notes">
          {sweep.warnings.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function UnderWay({ sweep, job }: { readonly sweep: Sweep; readonly job: Job | null }) {
  // News of the end comes before the sweep is read again, and only that tells whether there is a result.
  const reading = sweep.job !== null && !isOver(sweep.job);
  if (job && (reading || !isOver(job))) {
    return (
      <div className={styles.head}>
        <JobProgress job={job} title={`${sweep.method === "search" ? "Search" : "Sweep"} ${sweep.id}`} />
        <p className={styles.muted} role="status">
          {job.message === "" || isOver(job) ? "" : `${job.message}. `}You may leave or reload this page: it goes on, and stands under Jobs.
        </p>
      </div>
    );
  }
  return (
    <div role="alert" className={styles.warning}>
      <strong>{(job && ENDINGS[job.status]) ?? "The sweep has no result"}. </strong>
      {job?.error ?? ""}
    </div>
  );
}

function SurfacePart({ sweep, search, onSearch }: Props) {
  const names = settingsOf(sweep);
  const known = (name: string | undefined) => (name !== undefined && names.includes(name) ? name : undefined);
  const [x, y] = [known(search.x), known(search.y)];
  const metric = metricOf(search.metric);
  const asked = { x, y: x === y ? undefined : y, metric };
  const { data: surface, error, refetch, isPlaceholderData } = useQuery(surfaceQuery(sweep.id, asked));
  const axis = (name: "x" | "y", value: string) => {
    const other = name === "x" ? surface?.y : surface?.x;
    const swapped = value === other ? (name === "x" ? { y: surface?.x } : { x: surface?.y ?? undefined }) : {};
    onSearch({ [name]: value, ...swapped }, { replace: true });
  };
  const options = names.map((name) => ({ value: name, label: settingWords(name) }));
  if (error) return <ErrorNotice error={error} what="The surface could not be loaded" onRetry={() => void refetch()} />;
  if (!surface) return <SkeletonBlock height={440} label="Loading the surface" />;
  return (
    <section aria-labelledby="surface" className={styles.surface}>
      <div className={styles.tools}>
        <h2 id="surface">{METRICS[metric].label} by setting</h2>
        <NativeSelect
          size="xs"
          aria-label="Shown"
          data={SURFACE_METRICS.map((name) => ({ value: name, label: METRICS[name].label }))}
          value={metric}
          onChange={(event) => onSearch({ metric: event.currentTarget.value === "sharpe_ratio" ? undefined : event.currentTarget.value }, { replace: true })}
        />
        {names.length > 1 ? (
          <>
            <NativeSelect size="xs" aria-label="Across" data={options} value={surface.x} onChange={(event) => axis("x", event.currentTarget.value)} />
            <NativeSelect size="xs" aria-label="Up" data={options} value={surface.y ?? ""} onChange={(event) => axis("y", event.currentTarget.value)} />
          </>
        ) : null}
      </div>
      <SurfacePlot
        surface={surface}
        ranges={sweep.ranges}
        chosen={search.chosen}
        onChoose={(number) => onSearch({ chosen: number }, { replace: true })}
        fileName={`sweep-${sweep.id}-${surface.metric}`}
        busy={isPlaceholderData}
      />
      <p className={styles.muted}>{besides(sweep, surface.fixed)}</p>
    </section>
  );
}

/** What the drawing does not show of the other settings. */
function besides({ method, ranges }: Sweep, fixed: Readonly<Record<string, number | null>>): string {
  if (method === "search") return Object.keys(ranges).length > 2 ? "Every point is drawn, whatever its other settings: neighbours here may differ in those." : "";
  return Object.keys(fixed).length > 0 ? `The other settings as the best has them: ${parameterWords(fixed)}.` : "";
}
