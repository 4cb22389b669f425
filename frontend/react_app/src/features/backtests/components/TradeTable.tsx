import { Button } from "@mantine/core";

import { ErrorNotice } from "@/components/feedback";
import { DataTable } from "@/components/table";
import type { Backtest, BacktestTrade } from "@/lib/api";
import { formatBarDate, formatCount, formatSigned, plural } from "@/lib/format";

import { TRADES_HIDDEN_AT_FIRST, tradeColumns } from "../tradeColumns";
import { exitWords } from "../runWords";
import styles from "./backtests.module.css";

interface Props {
  readonly run: Backtest;
  /** Undefined while they come. */
  readonly trades: readonly BacktestTrade[] | undefined;
  readonly total: number | undefined;
  readonly error: Error | null;
  readonly onRetry: () => void;
  readonly chosen: number | undefined;
  readonly onTrade: (trade: number | null) => void;
  /** Downloads them all; without it (a link, no account) the file holds what is loaded, and no layout is kept. */
  readonly onFile?: (() => void) | undefined;
}

const NONE: readonly BacktestTrade[] = [];

/** Every trade; a row marks its bars on the charts, and a marker there its row here. */
export function TradeTable({ run, trades, total, error, onRetry, chosen, onTrade, onFile }: Props) {
  const rows = trades ?? NONE;
  const found = rows.find(({ number }) => number === chosen);
  return (
    <section className={styles.trades} aria-label="Trades">
      <DataTable
        label="Trades"
        layoutKey={onFile && "backtest-trades"}
        usuallyHidden={TRADES_HIDDEN_AT_FIRST}
        columns={tradeColumns(run.pairs.length > 1)}
        rows={rows}
        rowId={({ number }) => String(number)}
        rowLabel={({ number }) => `Trade ${number}`}
        current={found ? String(found.number) : null}
        onCurrent={({ number }) => onTrade(number)}
        loading={trades === undefined && error === null}
        error={error ? <ErrorNotice error={error} what="The trades could not be loaded" onRetry={onRetry} /> : null}
        empty="No trade: the spread never reached the entry level, or every entry was refused. The warnings above say which."
        csvName={`backtest-${run.id}-trades.csv`}
        onExport={onFile}
        height="100%"
        toolbar={
          <>
            <h2>{plural(total ?? rows.length, "trade")}</h2>
            <span role="status" className={styles.muted}>
              {found ? chosenWords(found) : "A row marks its trade on the chart."}
              {total !== undefined && total > rows.length ? ` The first ${formatCount(rows.length)} are listed; the CSV has all.` : ""}
            </span>
            {found ? (
              <Button variant="subtle" size="compact-xs" mih={24} onClick={() => onTrade(null)}>
                Unmark
              </Button>
            ) : null}
          </>
        }
      />
    </section>
  );
}

/** "Trade 12: bought KO/PEP 2020-01-02, left 2020-01-20 (reverted), +312." */
function chosenWords({ number, side, pair, entry_filled_at, exit_filled_at, exit_reason, net_pnl }: BacktestTrade): string {
  const left = exit_filled_at === null ? "still open" : `left ${formatBarDate(exit_filled_at)} (${exitWords(exit_reason)})`;
  return `Trade ${number}: ${side === "LONG" ? "bought" : "sold"} ${pair} ${formatBarDate(entry_filled_at)}, ${left}, ${formatSigned(net_pnl, 0)}.`;
}
