import { Tooltip } from "@mantine/core";

import { metricGroups, type Metric, type MetricLine } from "./metricWords";
import styles from "./performance.module.css";

/** Every figure of a run with its error; what it is, its formula and its sample on hover, focus and tap. */
export function MetricList({ metrics }: { readonly metrics: Readonly<Record<string, Metric>> }) {
  return (
    <div className={styles.metrics}>
      {metricGroups(metrics).map(({ title, lines }) => (
        <section key={title}>
          <h3 className={styles.group}>{title}</h3>
          <dl className={styles.list}>
            {lines.map((line) => (
              <div key={line.id} className={styles.item}>
                <dt>
                  <Explained line={line} />
                </dt>
                <dd>{line.value}</dd>
                <dd className={styles.error}>{line.error}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

function Explained({ line }: { readonly line: MetricLine }) {
  const words = (
    <span className={styles.tip}>
      <span>{line.definition}</span>
      <span>Formula: {line.formula}</span>
      <span>
        Sample: {line.sample}
        {line.error === "" ? "" : `; standard error ${line.error.replace("± ", "")}`}
      </span>
    </span>
  );
  return (
    <Tooltip label={words} multiline maw={340} position="left" events={{ hover: true, focus: true, touch: true }}>
      <button type="button" className={styles.term}>
        {line.label}
      </button>
    </Tooltip>
  );
}
