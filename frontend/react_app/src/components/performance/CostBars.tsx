import { formatCount, formatPercent, formatSigned } from "@/lib/format";

import { costLines, type Costs } from "./costLines";
import styles from "./performance.module.css";

/** From gross to net: what each kind of cost took, as bars on one scale with their amounts beside them. */
export function CostBars({ costs }: { readonly costs: Costs }) {
  const lines = costLines(costs);
  return (
    <table className={styles.costs}>
      <caption className="visually-hidden">From gross to net profit, by kind of cost</caption>
      <thead className="visually-hidden">
        <tr>
          <th scope="col">Part</th>
          <th scope="col">Size</th>
          <th scope="col">Money</th>
          <th scope="col">Share of gross profit</th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ id, label, amount, width, share, total }) => (
          <tr key={id} data-total={total || undefined}>
            <th scope="row">{label}</th>
            <td className={styles.barCell}>
              <span
                className={styles.bar}
                data-sign={amount < 0 ? "down" : "up"}
                style={{ width: `${Math.max(amount === 0 ? 0 : 0.5, width * 100)}%` }}
                aria-hidden
              />
            </td>
            <td className={styles.amount}>{amount === 0 ? formatCount(0) : formatSigned(amount, 0)}</td>
            <td className={styles.share}>{share === null ? "" : formatPercent(share, 1)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
