import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Instant } from "@/components/time";
import type { Backtest } from "@/lib/api";
import { formatCount, formatNumber } from "@/lib/format";
import { costModelsQuery, rulesQuery } from "@/lib/queries";

import { costModelOf, costWords, periodWords, ruleWords, sizingWords } from "../runWords";
import styles from "./backtests.module.css";

/** Every parameter of the rule, by its title. */
function useParameterWords({ rule, parameters }: Backtest, signedIn: boolean): string {
  const { data: rules } = useQuery({ ...rulesQuery, enabled: signedIn });
  const settings = rules?.find(({ id }) => id === rule)?.parameters ?? [];
  const said = settings.map(({ name, title, integer, minimum }) => {
    const value = parameters[name] ?? null;
    return [title, value === 0 && integer && minimum === 0 ? null : value] as const;
  });
  const known = said.length > 0 ? said : Object.entries(parameters);
  const words = known.flatMap(([title, value]) => (value === null ? [] : [`${title.toLowerCase().replaceAll("_", " ")} ${value}`]));
  return words.length === known.length ? words.join(", ") : `${words.join(", ")}; all else off`;
}

function limitWords({ limits }: Backtest): string {
  const said = Object.entries(limits).flatMap(([name, value]) => (value === null ? [] : [`${name} ${value} ×`]));
  return said.length === 0 ? "none" : said.join(", ");
}

interface Props {
  readonly run: Backtest;
  /** False for the reader of a link: what only accounts may ask for is left out. */
  readonly signedIn?: boolean;
}

/** What was asked for, on which data, and whether it gives the same again. */
export function RunFacts({ run, signedIn = true }: Props) {
  const { data: models } = useQuery({ ...costModelsQuery, enabled: signedIn });
  const parameters = useParameterWords(run, signedIn);
  const model = costModelOf(run.costs, models ?? []);
  const facts: [string, ReactNode][] = [
    ["Pairs", run.pairs.map((legs) => legs.join(" / ")).join(", ")],
    ["Traded", `${periodWords(run)}, ${run.timeframe} bars`],
    ["Hedge ratios", run.fit_end === null ? "filtered by the rule itself" : `fitted on bars to ${run.fit_end}, before the first decision`],
    ["Rule", `${ruleWords(run.rule)}: ${parameters}`],
    ["Costs", `${model ? `${model.title}: ` : ""}${costWords(run.costs).join(", ")}`],
    ["Account", `${formatCount(run.capital)}, ${sizingWords(run.sizing)}; limits ${limitWords(run)}`],
    ["From scan", run.scan === null ? null : <ScanLink key="scan" id={run.scan} />],
    ["Asked for", <Instant key="at" at={run.created_at} />],
    ["Data", run.manifest ? <Data key="data" run={run} /> : null],
    ["Run again", run.rerun ? <Again key="again" rerun={run.rerun} /> : null],
  ];
  return (
    <details className={styles.facts} open={run.completed_at === null || !signedIn}>
      <summary>What was asked for, and on which data</summary>
      <dl>
        {facts.map(([term, words]) =>
          words === null || words === "" ? null : (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{words}</dd>
            </div>
          ),
        )}
      </dl>
    </details>
  );
}

function ScanLink({ id }: { readonly id: number }) {
  return (
    <Link to="/pair-finder" search={{ scan: id }}>
      Scan {id}
    </Link>
  );
}

function Data({ run: { manifest, data_changed } }: { readonly run: Backtest }) {
  if (!manifest) return null;
  return (
    <>
      panel <code title={manifest.panel_hash}>{manifest.panel_hash.slice(0, 12)}</code>, engine {manifest.engine_version}
      {manifest.seed === null ? "" : `, seed ${formatNumber(manifest.seed, 0)}`};{" "}
      {data_changed === null ? "not compared with the stored prices" : data_changed ? "the stored prices have changed since" : "the stored prices are still the same"}
    </>
  );
}

function Again({ rerun }: { readonly rerun: NonNullable<Backtest["rerun"]> }) {
  return (
    <>
      <Instant at={rerun.at} />: {rerun.identical ? "equity and trades the same to the last bit" : "not the same bits"} (engine {rerun.engine_version})
    </>
  );
}
