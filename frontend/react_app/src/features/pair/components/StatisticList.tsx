import { Tooltip } from "@mantine/core";

import type { Direction, Statistic } from "../statistics";
import styles from "./pair.module.css";

/** The numbers, each explaining itself on hover, focus and tap. */
export function StatisticList({ items }: { readonly items: readonly Statistic[] }) {
  return (
    <dl className={styles.list}>
      {items.map((item) => (
        <div key={item.id} className={styles.item}>
          <dt>
            <Explained item={item} />
          </dt>
          <dd>{item.value}</dd>
          {item.note ? <dd className={styles.note}>{item.note}</dd> : null}
        </div>
      ))}
    </dl>
  );
}

function Explained({ item }: { readonly item: Statistic }) {
  const words = (
    <span className={styles.tip}>
      <span>{item.definition}</span>
      <span>Formula: {item.formula}</span>
      <span>Sample: {item.sample}</span>
    </span>
  );
  return (
    <Tooltip label={words} multiline maw={340} position="left" events={{ hover: true, focus: true, touch: true }}>
      <button type="button" className={styles.term}>
        {item.label}
      </button>
    </Tooltip>
  );
}

/** Both directions of the test, the better one bold. */
export function Directions({ rows }: { readonly rows: readonly Direction[] }) {
  return (
    <table className={styles.directions}>
      <thead>
        <tr>
          <th scope="col">Direction</th>
          <th scope="col">t</th>
          <th scope="col">p</th>
          <th scope="col">Hedge</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.label} className={row.better ? styles.better : undefined}>
            <th scope="row">{row.label}</th>
            <td>{row.statistic}</td>
            <td>{row.pvalue}</td>
            <td>{row.hedge_ratio}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
