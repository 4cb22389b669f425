import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import type { Combination, CombinationRow, Sweep } from "@/lib/api";
import { formatCount, formatPercent, formatSigned } from "@/lib/format";
import { combinationQuery, useMay } from "@/lib/queries";
import { parameterWords, settingsText } from "@/lib/settingWords";

import { ratioWords } from "../words";
import styles from "./sweeps.module.css";

interface Props {
  readonly sweep: Sweep;
  readonly chosen: number | undefined;
}

/** What one could take from it: the best, the one on the plateau, and the one that was marked. */
export function Choices({ sweep, chosen }: Props) {
  const { data: row } = useQuery({ ...combinationQuery(sweep.id, chosen ?? 0), enabled: chosen !== undefined });
  const summary = sweep.summary;
  if (!summary) return null;
  const { best, plateau } = summary;
  return (
    <section aria-labelledby="choices" className={styles.choices}>
      <h2 id="choices">What to take</h2>
      <Choice sweep={sweep} title="Best" combination={best}>
        The highest probability of a Sharpe ratio above zero. It won against all the others, so it is the luckiest too.
      </Choice>
      {plateau ? (
        <Choice sweep={sweep} title="On the plateau" combination={plateau}>
          Mean of it and its neighbours {formatSigned(plateau.score)}. {summary.plateau_words}
        </Choice>
      ) : (
        <p className={styles.muted}>No plateau. {summary.plateau_words}</p>
      )}
      {chosen !== undefined && row ? (
        <Choice sweep={sweep} title={`Chosen, number ${formatCount(row.number)}`} combination={asCombination(row)}>
          {row.plateau === null ? "Nothing lies beside it." : `Mean of it and its neighbours ${formatSigned(row.plateau)}.`}
        </Choice>
      ) : null}
    </section>
  );
}

function asCombination({ parameters, sharpe_ratio, total_return, maximum_drawdown, n_trades }: CombinationRow): Combination {
  return {
    parameters,
    sharpe: { value: sharpe_ratio, standard_error: null, n: 0 },
    total_return,
    max_drawdown: maximum_drawdown,
    n_trades: n_trades ?? 0,
  };
}

interface ChoiceProps {
  readonly sweep: Sweep;
  readonly title: string;
  readonly combination: Combination;
  readonly children: React.ReactNode;
}

function Choice({ sweep, title, combination, children }: ChoiceProps) {
  const { parameters, sharpe, total_return: gain, max_drawdown: fall, n_trades: trades } = combination;
  const may = useMay("trading.add_backtestrun");
  return (
    <article className={styles.choice} aria-label={title}>
      <h3>{title}</h3>
      <p className={styles.settings}>{parameterWords(parameters)}</p>
      <p className={styles.figures}>
        <span>Sharpe {ratioWords(sharpe)}</span>
        <span>return {gain === null ? "–" : `${formatSigned(gain * 100, 1)} %`}</span>
        <span>drawdown {formatPercent(fall, 1)}</span>
        <span>{formatCount(trades)} trades</span>
      </p>
      <p className={styles.muted}>{children}</p>
      {may ? (
        <Button
          variant="default"
          size="xs"
          renderRoot={(props) => <Link to="/backtests/new" search={{ sweep: sweep.id, set: settingsText(parameters) }} {...props} />}
        >
          Backtest this
        </Button>
      ) : null}
    </article>
  );
}
