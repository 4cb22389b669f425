import { Link } from "@tanstack/react-router";

import { Sparkline, type DataColumn } from "@/components/table";
import type { Scan, Candidate } from "@/lib/api";
import { formatCount, formatHalfLife, formatNumber, formatPValue, formatSigned } from "@/lib/format";

import styles from "./components/finder.module.css";

type Column = DataColumn<Candidate>;

/** "Energy", or "Energy / Utilities" where the legs differ. */
export function sectorWords({ sector_1, sector_2 }: Pick<Candidate, "sector_1" | "sector_2">): string {
  return sector_1 === sector_2 ? sector_1 : [sector_1, sector_2].filter(Boolean).join(" / ");
}

/** "KO / PEP": dependent leg first. */
export function pairName({ symbol_1, symbol_2 }: Pick<Candidate, "symbol_1" | "symbol_2">): string {
  return `${symbol_1} / ${symbol_2}`;
}

/** Query string of the Pair page for a candidate: the same legs, window and trend as the scan. */
export function pairAddress(
  row: Pick<Candidate, "symbol_1" | "symbol_2">,
  scan: Pick<Scan, "id" | "start_date" | "end_date" | "parameters">,
) {
  return {
    symbol_1: row.symbol_1,
    symbol_2: row.symbol_2,
    start_date: scan.start_date?.slice(0, 10),
    end_date: scan.end_date?.slice(0, 10),
    trend: scan.parameters.trend === "c" ? undefined : scan.parameters.trend,
    scan: scan.id,
  };
}

function number(
  id: Exclude<keyof Candidate, "sparkline">,
  header: string,
  explain: string,
  show: (row: Candidate) => string,
  rest: Partial<Column> = {},
): Column {
  return { id, header, explain, align: "right", width: 64, value: (row) => row[id], cell: show, ...rest };
}

/** Draws of the null from which on the server gives family-wise p-values. */
const DRAWS_FOR_FWER = 199;

/** Columns that start hidden: they matter to the few who look for them. */
export const HIDDEN_AT_FIRST: readonly string[] = ["lag", "intercept"];

/** Ids hidden by the URL: the usual ones when it says nothing, none when it says `none`. */
export function hiddenColumns(hide: string | undefined): readonly string[] {
  if (hide === undefined) return HIDDEN_AT_FIRST;
  return hide === "none" ? [] : hide.split(".");
}

/** The URL's words for a set of hidden columns. */
export function hideWords(hidden: readonly string[]): string | undefined {
  const usual = hidden.length === HIDDEN_AT_FIRST.length && HIDDEN_AT_FIRST.every((id) => hidden.includes(id));
  if (usual) return undefined;
  return hidden.length === 0 ? "none" : hidden.join(".");
}

function statistics(): Column[] {
  return [
    number(
      "statistic",
      "Statistic",
      "Engle–Granger t of the better direction: how firmly the residual of y on x returns to its mean. More negative is stronger evidence.",
      (row) => formatNumber(row.statistic, 2),
      { width: 72 },
    ),
    number("pvalue", "p", "MacKinnon p-value of that one direction.", (row) => formatPValue(row.pvalue)),
    number(
      "hypothesis_pvalue",
      "Pair p",
      "p of the unordered pair: twice the smaller of both directions, at most 1. This is what the correction counts.",
      (row) => formatPValue(row.hypothesis_pvalue),
    ),
    number(
      "qvalue",
      "q",
      "Pair p after counting every pair tested: the share of false ones to expect if this pair and all better ones are believed.",
      (row) => formatPValue(row.qvalue),
      { width: 76 },
    ),
    {
      id: "is_discovery",
      header: "Survives",
      explain: "Whether q is at or below the level asked for. ▲: it hangs on three bars.",
      width: 72,
      value: (row) => (row.is_discovery ? "yes" : "no"),
      cell: (row) => `${row.is_discovery ? "yes" : "no"}${row.is_discovery && row.outlier_driven ? " ▲" : ""}`,
      sortable: false,
    },
    number(
      "outlier_pvalue",
      "p less 3",
      "Pair p without the pair's three most influential bars. ▲ marks pairs whose p crosses the level without them: their finding hangs on outliers, and they are promoted only when you say so.",
      (row) => `${row.outlier_driven ? "▲ " : ""}${formatPValue(row.outlier_pvalue)}`,
      { width: 84 },
    ),
    number(
      "hedge_ratio",
      "Hedge",
      "Hedge ratio β: dollars of the second leg against one dollar of the first (log prices).",
      (row) => formatNumber(row.hedge_ratio, 3),
    ),
    number("intercept", "Intercept", "Intercept of the log-price regression.", (row) => formatSigned(row.intercept, 3), {
      width: 76,
    }),
    number(
      "half_life",
      "Half-life",
      "Bars until half of a deviation is gone, from the spread's AR(1) slope: −ln 2 / ln φ. ∞ does not return.",
      (row) => formatHalfLife(row.half_life),
      { width: 72 },
    ),
    number("correlation", "Corr.", "Correlation of daily log returns.", (row) => formatNumber(row.correlation, 2), {
      width: 60,
      firstSort: "descending",
    }),
    number("lag", "Lag", "Lagged differences in the test's regression, chosen by the lag rule.", (row) => formatCount(row.lag), {
      width: 48,
    }),
    number("n_obs", "Bars", "Bars both legs have in the window: the sample size.", (row) => formatCount(row.n_obs), {
      width: 60,
      firstSort: "descending",
    }),
  ];
}

type Shown = Pick<Scan, "id" | "start_date" | "end_date" | "parameters" | "null_draws" | "truth">;

/**
 * Columns of the candidate table; the planted kind stands only where the universe's truth is known. Whoever holds a
 * shared link has no Pair page to go to: there the pairs are plain text.
 */
export function candidateColumns(scan: Shown, linked = true): Column[] {
  const columns: Column[] = [
    number("rank", "Rank", "Place by statistic among all tested pairs.", (row) => formatCount(row.rank), { width: 60 }),
    {
      id: "symbol_1",
      header: "Pair",
      explain: "Dependent leg first: log of the first is regressed on log of the second.",
      // two tickers of six letters: cut short, they would be another pair
      width: 132,
      grow: 1,
      hideable: false,
      value: pairName,
      cell: (row) =>
        linked ? (
          <Link to="/pair" search={pairAddress(row, scan)} tabIndex={-1} title={`${row.name_1} / ${row.name_2}`}>
            {pairName(row)}
          </Link>
        ) : (
          <span title={`${row.name_1} / ${row.name_2}`}>{pairName(row)}</span>
        ),
    },
    {
      id: "sparkline",
      header: "Spread",
      explain: "The spread over the window, from first to last bar; each line fills its own height.",
      width: 104,
      sortable: false,
      exported: false,
      value: () => null,
      cell: (row) => (row.sparkline.length > 1 ? <Sparkline values={row.sparkline} /> : null),
    },
    ...statistics(),
    {
      id: "sectors",
      header: "Sectors",
      width: 108,
      grow: 1,
      sortable: false,
      value: sectorWords,
      cell: (row) => (
        <span className={styles.clip} title={sectorWords(row)}>
          {sectorWords(row)}
        </span>
      ),
    },
    {
      id: "pair_id",
      header: "Status",
      explain: "Promoted candidates are pairs that everyone can watch.",
      width: 80,
      sortable: false,
      value: (row) => (row.pair_id === null ? "" : "promoted"),
    },
  ];
  if ((scan.null_draws ?? 0) >= DRAWS_FOR_FWER) {
    const after = columns.findIndex(({ id }) => id === "qvalue") + 1;
    columns.splice(
      after,
      0,
      number(
        "fwer_pvalue",
        "FWER p",
        "Chance that any pair of this scan reaches this statistic where nothing is cointegrated (Romano–Wolf on the scan's own null).",
        (row) => formatPValue(row.fwer_pvalue),
      ),
    );
  }
  if (scan.truth !== null) {
    columns.splice(3, 0, {
      id: "planted",
      header: "Planted",
      explain: "What the synthetic universe was built with: cointegrated, breaking half-way, or nothing.",
      width: 92,
      sortable: false,
      value: (row) => row.planted ?? "",
    });
  }
  return columns;
}
