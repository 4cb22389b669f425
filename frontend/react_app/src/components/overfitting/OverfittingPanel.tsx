import { Tooltip } from "@mantine/core";

import { FanChart } from "./FanChart";
import { LuckStrip } from "./LuckStrip";
import styles from "./overfitting.module.css";
import { BARS_A_YEAR, findings, luck, verdict, type Finding, type Judged } from "./words";

interface Props {
  /** The answer of a run's `results/`. */
  readonly results: Judged;
  /** Bars the run traded, to set against those it needs. */
  readonly nBars?: number | null;
  readonly barsAYear?: number;
  /** Ids of the questions that can be answered here; all of them unless told. */
  readonly only?: readonly string[];
}

const SIGNS = { good: "✓", poor: "!", unknown: "–" } as const;
const SIGN_WORDS = { good: "In its favour", poor: "Against it", unknown: "Open" } as const;

/** How much of a run is luck: four questions, answered in words, each with the drawing that shows it. */
export function OverfittingPanel({ results, nBars = null, barsAYear = BARS_A_YEAR, only }: Props) {
  const all = findings(results, nBars, barsAYear).filter(({ id }) => only?.includes(id) ?? true);
  const both = luck(results, barsAYear);
  const stress = results.monte_carlo?.resampled ?? null;
  return (
    <div className={styles.panel}>
      <p className={styles.verdict}>{verdict(all)}</p>
      <dl className={styles.list}>
        {all.map((finding) => (
          <Answered key={finding.id} finding={finding}>
            {finding.id === "deflated" && both ? <LuckStrip {...both} /> : null}
            {finding.id === "paths" && stress ? <FanChart stress={stress} /> : null}
          </Answered>
        ))}
      </dl>
    </div>
  );
}

function Answered({ finding, children }: { readonly finding: Finding; readonly children: React.ReactNode }) {
  const { question, answer, standing, why, formula } = finding;
  return (
    <div className={styles.item}>
      <dt>
        <Tooltip label={formula} multiline maw={340} position="left" events={{ hover: true, focus: true, touch: true }}>
          <button type="button" className={styles.term}>
            {question}
          </button>
        </Tooltip>
      </dt>
      <dd className={styles.answer} data-standing={standing}>
        <span className={styles.sign} aria-hidden="true">
          {SIGNS[standing]}
        </span>
        <span className="visually-hidden">{SIGN_WORDS[standing]}: </span>
        {answer}
      </dd>
      <dd className={styles.why}>
        {children}
        {why}
      </dd>
    </div>
  );
}
