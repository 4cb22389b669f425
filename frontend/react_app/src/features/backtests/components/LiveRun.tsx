import { useState } from "react";

import { JobProgress } from "@/components/jobs";
import { sparklinePath } from "@/components/table";
import type { Backtest, Job } from "@/lib/api";
import { formatBarDate, formatCount } from "@/lib/format";
import { useStream } from "@/lib/socket";

import { partialOf, type PartialEquity } from "../partial";
import styles from "./backtests.module.css";
import { RunFacts } from "./RunFacts";

/** A run on its way: stage, per cent, and the account as far as it has come. */
export function LiveRun({ run, job }: { readonly run: Backtest; readonly job: Job }) {
  const [partial, setPartial] = useState<PartialEquity | null>(null);
  useStream({ job_id: job.id }, (event) => {
    const told = partialOf(event);
    if (told) setPartial(told);
  });
  return (
    <>
      <JobProgress job={job} />
      {partial ? <SoFar partial={partial} /> : null}
      <p className={styles.muted}>You may leave or reload this page: the backtest goes on, and stands under Jobs.</p>
      <RunFacts run={run} />
    </>
  );
}

const WIDTH = 720;
const HEIGHT = 180;

function SoFar({ partial: { timestamps, equity } }: { readonly partial: PartialEquity }) {
  return (
    <figure className={styles.live}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden focusable="false">
        <path d={sparklinePath(equity, WIDTH, HEIGHT)} vectorEffect="non-scaling-stroke" />
      </svg>
      <figcaption>
        <span>{formatBarDate(timestamps[0])}</span>
        <span>
          so far {formatCount(equity.at(-1))} at {formatBarDate(timestamps.at(-1))}
        </span>
      </figcaption>
    </figure>
  );
}
