import { Button, NativeSelect } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { ErrorNotice, SkeletonRows } from "@/components/feedback";
import type { QuickResult } from "@/lib/api";
import { formatBarDate, formatNumber, formatPercent, formatSigned, formatSure, plural } from "@/lib/format";

import type { PlacedTrade } from "../ruleStack";
import type { RuleTried } from "../useRule";
import styles from "./rule.module.css";
import { RuleSlider } from "./RuleSlider";

interface Props {
  readonly legs: readonly [string, string];
  readonly tried: RuleTried;
  readonly trades: readonly PlacedTrade[];
  readonly chosen: string | null;
  readonly onChoose: (trade: string | null) => void;
}

/** Sliders of a rule, what it earns on the pair, and what the trying itself costs in belief. */
export function RulePanel({ legs, tried, trades, chosen, onChoose }: Props) {
  const { cards, card, values, result, error, busy, isStart } = tried;
  if (!card) {
    return error ? <ErrorNotice error={error} what="The rules could not be loaded" /> : <SkeletonRows rows={8} label="Loading the rules" />;
  }
  const plainly = card.parameters.filter(({ advanced }) => !advanced);
  const seldom = card.parameters.filter(({ advanced }) => advanced);
  const slider = (setting: (typeof plainly)[number]) => (
    <RuleSlider key={setting.name} setting={setting} value={values[setting.name] ?? null} onChange={(value) => tried.setValue(setting.name, value)} />
  );
  return (
    <section className={styles.panel} aria-label="Try a rule">
      <div className={styles.top}>
        <NativeSelect
          aria-label="Rule"
          data={cards.map(({ id, title }) => ({ value: id, label: title }))}
          value={card.id}
          onChange={(event) => tried.setRule(event.currentTarget.value)}
        />
        <Button variant="default" disabled={isStart} onClick={tried.reset}>
          Reset
        </Button>
      </div>
      <div className={styles.sliders}>{plainly.map(slider)}</div>
      {seldom.length > 0 ? (
        <details>
          <summary className={styles.summary}>Further settings</summary>
          <div className={styles.sliders}>{seldom.map(slider)}</div>
        </details>
      ) : null}
      {error ? <ErrorNotice error={error} what="The rule could not be tried" /> : null}
      {result ? (
        <div className={styles.result} aria-busy={busy}>
          <Figures result={result} />
          <Belief result={result} first={tried.first} />
          <Trades trades={trades} chosen={chosen} onChoose={onChoose} />
          <p className={styles.note}>
            Traded {result.start_date} – {result.end_date}, after costs.
            {result.warnings.map((words) => ` ${words}`)}
          </p>
          <Button
            variant="default"
            renderRoot={(props) => <Link to="/backtests/new" search={{ symbol_1: legs[0], symbol_2: legs[1] }} {...props} />}
          >
            Backtest in full
          </Button>
        </div>
      ) : error ? null : (
        <SkeletonRows rows={5} label="Trying the rule" />
      )}
    </section>
  );
}

function Figures({ result: { metrics } }: { readonly result: QuickResult }) {
  const { total_return: total, sharpe, max_drawdown: drawdown, n_trades: n, cost_share: costs } = metrics;
  const rows = [
    ["Return", total === null ? "–" : `${formatSigned(total * 100, 1)} %`],
    ["Sharpe ratio", `${formatSigned(sharpe.value)}${sharpe.standard_error === null ? "" : ` ± ${formatNumber(sharpe.standard_error)}`}`],
    ["Deepest drawdown", formatPercent(drawdown, 1)],
    ["Trades", formatNumber(n, 0)],
    ["Costs / gross profit", formatPercent(costs)],
  ] as const;
  return (
    <dl className={styles.figures}>
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Every look at another setting makes the best of them less surprising: said where the looking happens. */
function Belief({ result, first }: { readonly result: QuickResult; readonly first: QuickResult | null }) {
  const sure = result.deflated_sharpe;
  return (
    <div className={styles.belief} role="status">
      <p>
        <strong>{sure === null ? "Not judged" : `${formatSure(sure)} sure it is not luck`}</strong>
        {sure !== null && sure < 0.95 ? <span> (95 % would convince)</span> : null}
      </p>
      <p className={styles.note}>
        {plural(result.n_trials, "configuration")} tried on this pair so far, this one included.{" "}
        {first && result.n_trials > first.n_trials
          ? `${plural(result.n_trials - first.n_trials, "further try", "further tries")} since you began: each one lowers what any result proves.`
          : "Each further one lowers what any result proves."}
      </p>
    </div>
  );
}

const EXITS: Readonly<Record<string, string>> = {
  exit: "reverted",
  stop_z: "stop at z",
  stop_loss: "stop-loss",
  take_profit: "take-profit",
  time_stop: "time stop",
  open: "still open",
};

/** The trade chosen on the charts, and a step to its neighbours. */
function Trades({ trades, chosen, onChoose }: Pick<Props, "trades" | "chosen" | "onChoose">) {
  const at = trades.findIndex(({ id }) => id === chosen);
  const trade = trades[at]?.trade;
  const step = (by: number) => {
    const next = at < 0 ? (by > 0 ? 0 : trades.length - 1) : at + by;
    onChoose(trades[next]?.id ?? null);
  };
  return (
    <div className={styles.trades}>
      <Button variant="default" px={8} aria-label="Earlier trade" disabled={trades.length === 0 || at === 0} onClick={() => step(-1)}>
        ◂
      </Button>
      <Button variant="default" px={8} aria-label="Later trade" disabled={trades.length === 0 || at === trades.length - 1} onClick={() => step(1)}>
        ▸
      </Button>
      <span role="status">
        {trade
          ? `${trade.side === "LONG" ? "Bought" : "Sold"} ${formatBarDate(trade.entry)} – ${formatBarDate(trade.exit)}, ${
              EXITS[trade.exit_reason] ?? trade.exit_reason
            }: ${formatSigned(trade.net_pnl, 0)}`
          : trades.length === 0
            ? "No trade."
            : "▲ bought, ▼ sold, ● left, ■ stopped"}
      </span>
    </div>
  );
}
