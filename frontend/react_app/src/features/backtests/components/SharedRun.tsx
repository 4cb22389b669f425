import { useQuery } from "@tanstack/react-query";

import type { Backtest, SharedBacktest } from "@/lib/api";
import { pairsWords } from "@/lib/backtests";

import { sharedRunQueries } from "../api/queries";
import { keyParameters, periodWords, ruleWords } from "../runWords";
import type { RunSearch } from "../search";
import styles from "./backtests.module.css";
import type { SetRunSearch } from "./RunPage";
import { TearsheetView } from "./Tearsheet";

interface Props {
  readonly token: string;
  readonly run: SharedBacktest;
  readonly search: RunSearch;
  readonly onSearch: SetRunSearch;
}

/** What a link does not tell of a run, as a run without it. */
const UNTOLD = { scan: null, strategy: null, family: "", manifest: null, rerun: null, causality: null, job: null } satisfies Partial<Backtest>;

/** A backtest as a link shows it: its tearsheet, to read and to look around in, without anything to press that acts. */
export function SharedRun({ token, run, search, onSearch }: Props) {
  const parts = sharedRunQueries(token);
  return (
    <>
      <p className={styles.muted}>
        {[pairsWords(run.pairs), ruleWords(run.rule), keyParameters(run), periodWords(run)].join(" · ")}
      </p>
      <TearsheetView
        run={{ ...run, ...UNTOLD }}
        search={search}
        onSearch={onSearch}
        results={useQuery(parts.results)}
        equity={useQuery(parts.equity)}
        trades={useQuery(parts.trades)}
      />
    </>
  );
}
