import { Link } from "@tanstack/react-router";

import type { Ingestion, IngestionReport } from "@/lib/api";
import { formatCount } from "@/lib/format";

import { adjustmentWords } from "../components/words";
import type { DataSearch } from "../search";
import styles from "./ingestion.module.css";
import { QuarantinedRows } from "./QuarantinedRows";
import { SymbolReports } from "./SymbolReports";
import { columnWords, reasonWords, reportSentence } from "./words";

interface Props {
  readonly ingestion: Ingestion;
  readonly report: IngestionReport;
  readonly search: DataSearch;
  readonly onSearch: (patch: Partial<DataSearch>, options?: { replace?: boolean }) => void;
}

/** What became of a file: the sentence, the counts, how it was read, and row by row what was not stored. */
export function Report({ ingestion, report, search, onSearch }: Props) {
  const { universe } = ingestion;
  return (
    <>
      <p className={styles.verdict}>
        {reportSentence(report)}{" "}
        {universe ? (
          <span className={styles.links}>
            <Link to="/pair-finder" search={{ universe: universe.id }}>
              Scan this universe
            </Link>
            <Link to="/data" search={{ view: "coverage", universe: universe.id }}>
              Its coverage
            </Link>
          </span>
        ) : null}
      </p>
      <Counts report={report} />
      <p className={styles.muted}>
        Read as {report.layout === "wide" ? "a column for each symbol" : "a row for each bar"},{" "}
        {adjustmentWords(report.adjustment)}. Columns recognised: {columnWords(report.columns).join(", ")}.
        {report.notes.map((note) => ` ${note}`)}
      </p>
      {report.reasons.length > 0 ? <Reasons report={report} search={search} onSearch={onSearch} /> : null}
      <div className={styles.tables} data-rows={report.rows_kept > 0}>
        {report.rows_kept > 0 ? (
          <QuarantinedRows id={ingestion.id} report={report} search={search} onSearch={onSearch} />
        ) : null}
        <SymbolReports id={ingestion.id} report={report} />
      </div>
    </>
  );
}

function Counts({ report }: { readonly report: IngestionReport }) {
  const counts = [
    ["Rows read", report.rows_read],
    ["Stored", report.stored],
    ["Changed", report.changed],
    ["Unchanged", report.unchanged],
    ["Set aside", report.quarantined],
    ["Warnings", report.warnings],
    ["Splits, dividends", report.actions],
    ["Symbols", report.n_symbols],
    ["New symbols", report.new_symbols],
  ] as const;
  return (
    <dl className={styles.counts}>
      {counts.map(([name, count]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{formatCount(count)}</dd>
        </div>
      ))}
    </dl>
  );
}

type ReasonsProps = Pick<Props, "report" | "search" | "onSearch">;

/** How often which reason; a press shows its rows alone. */
function Reasons({ report, search, onSearch }: ReasonsProps) {
  return (
    <div className={styles.reasons}>
      <table>
        <thead>
          <tr>
            <th scope="col">Reason</th>
            <th scope="col" className={styles.right}>
              Rows
            </th>
            <th scope="col">What happened</th>
            <th scope="col">What it means</th>
          </tr>
        </thead>
        <tbody>
          {report.reasons.map(({ reason, count, is_warning, message }) => (
            <tr key={`${reason} ${is_warning}`}>
              <th scope="row">
                <button
                  type="button"
                  aria-pressed={search.reason === reason}
                  title={search.reason === reason ? "Show the rows of every reason" : "Show only these rows"}
                  onClick={() => onSearch({ reason: search.reason === reason ? undefined : reason }, { replace: true })}
                >
                  {reasonWords(reason)}
                </button>
              </th>
              <td className={styles.right}>{formatCount(count)}</td>
              <td>{is_warning ? "stored, with a warning" : "set aside"}</td>
              <td className={styles.meaning}>{message}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
