import { useQuery } from "@tanstack/react-query";

import { ErrorNotice, SkeletonBlock, SkeletonRows } from "@/components/feedback";
import { JobProgress } from "@/components/jobs";
import { OverfittingPanel } from "@/components/overfitting";
import type { Job, WalkForward, WalkForwardWindow } from "@/lib/api";
import { formatSigned } from "@/lib/format";
import { isOver, walkForwardEquityQuery, walkForwardResultsQuery, walkForwardWindowsQuery } from "@/lib/queries";

import type { WalkForwardSearch } from "../search";
import { useWalkForwardJob, type LiveWindow } from "../useWalkForwardJob";
import { askedWords, ENDINGS, luckWords, verdictWords } from "../words";
import { EquityPanes } from "./EquityPanes";
import { PairsByWindow } from "./PairsByWindow";
import { StabilityPlot } from "./StabilityPlot";
import type { SetSearch } from "./WalkForwardPage";
import styles from "./walk.module.css";
import { WindowPairs } from "./WindowPairs";
import { WindowTable } from "./WindowTable";

interface Props {
  readonly run: WalkForward;
  readonly search: WalkForwardSearch;
  readonly onSearch: SetSearch;
}

/** Windows as they end, then what they add up to. */
export function WalkForwardView({ run, search, onSearch }: Props) {
  const { job, latest } = useWalkForwardJob(run);
  const windows = useQuery(walkForwardWindowsQuery(run.id));
  const finished = run.completed_at !== null;
  const shown = windows.data ?? [];
  return (
    <>
      <Head run={run} job={job} latest={latest} />
      {windows.error ? (
        <ErrorNotice error={windows.error} what="The windows could not be loaded" onRetry={() => void windows.refetch()} />
      ) : windows.data === undefined ? (
        <SkeletonRows rows={8} label="Loading the windows" />
      ) : shown.length === 0 ? (
        <p className={styles.muted}>{finished ? "No window could be traded." : "The first window appears here as soon as it ends."}</p>
      ) : (
        <div className={finished ? styles.main : styles.alone}>
          <Windows run={run} windows={shown} search={search} onSearch={onSearch} />
          {finished ? <Luck run={run} /> : null}
        </div>
      )}
      <p className={styles.asked}>
        {askedWords(run).map((phrase) => (
          <span key={phrase}>{phrase}</span>
        ))}
      </p>
    </>
  );
}

function Head({ run, job, latest }: { readonly run: WalkForward; readonly job: Job | null; readonly latest: LiveWindow | null }) {
  if (run.completed_at !== null) {
    return (
      <div className={styles.head}>
        <p className={styles.verdict}>{verdictWords(run)}</p>
        <p className={styles.muted}>{luckWords(run)}</p>
        <Warnings words={run.warnings} />
      </div>
    );
  }
  if (job && (!isOver(job) || job.status === "COMPLETED")) {
    return (
      <div className={styles.head}>
        <JobProgress job={job} title={`Walk-forward ${run.id}`} />
        <p className={styles.muted} role="status">
          {latest
            ? `Window ${latest.window} of ${latest.n_windows}: training ${formatSigned(latest.in_sample_sharpe)}, test ${formatSigned(latest.out_of_sample_sharpe)}. `
            : ""}
          You may leave or reload this page: it goes on at its last window, and stands under Jobs.
        </p>
      </div>
    );
  }
  return (
    <div role="alert" className={styles.warning}>
      <strong>{(job && ENDINGS[job.status]) ?? "The walk-forward has no result"}. </strong>
      {job?.error ?? ""} {run.n_done > 0 ? "The windows below had ended before." : ""}
    </div>
  );
}

function Warnings({ words }: { readonly words: readonly string[] }) {
  if (words.length === 0) return null;
  return (
    <ul className={styles.warnings}>
      {words.map((each) => (
        <li key={each}>{each}</li>
      ))}
    </ul>
  );
}

interface WindowsProps extends Props {
  readonly windows: readonly WalkForwardWindow[];
}

function Windows({ run, windows, search, onSearch }: WindowsProps) {
  const equity = useQuery({ ...walkForwardEquityQuery(run.id), enabled: windows.length > 0 });
  const chosen = windows.find(({ number }) => number === search.window) ?? null;
  const looked = chosen ?? windows.at(-1) ?? null;
  const choose = (number: number | undefined) => onSearch({ window: number }, { replace: true });
  return (
    <div className={styles.column}>
      <WindowTable windows={windows} expected={run.n_windows} chosen={chosen?.number ?? null} onChoose={choose} />
      <section aria-labelledby="stitched" className={styles.equity}>
        <h2 id="stitched">Out of sample, test after test</h2>
        {equity.data ? (
          <EquityPanes run={run} equity={equity.data} chosen={chosen?.number ?? null} search={search} onSearch={onSearch} onChoose={choose} />
        ) : equity.error ? (
          <ErrorNotice error={equity.error} what="The account could not be loaded" onRetry={() => void equity.refetch()} />
        ) : (
          <SkeletonBlock height={480} label="Loading the account" />
        )}
      </section>
      {looked ? <WindowPairs window={looked} windows={windows} onChoose={choose} /> : null}
      <div className={styles.twin}>
        <StabilityPlot windows={windows} grid={run.grid} />
        <PairsByWindow windows={windows} fixed={run.pairs.length > 0} chosen={looked?.number ?? null} onChoose={choose} />
      </div>
    </div>
  );
}

function Luck({ run }: { readonly run: WalkForward }) {
  const { data, error, refetch } = useQuery(walkForwardResultsQuery(run.id));
  return (
    <aside className={styles.luck} aria-labelledby="luck">
      <h2 id="luck">How much of it is luck?</h2>
      {data ? (
        <OverfittingPanel results={data} nBars={run.metrics?.sharpe.n ?? null} barsAYear={run.periods_per_year} />
      ) : error ? (
        <ErrorNotice error={error} what="The judgement could not be loaded" onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={8} label="Loading the judgement" />
      )}
    </aside>
  );
}
