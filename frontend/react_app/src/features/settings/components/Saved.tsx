import styles from "./settings.module.css";

/** Says quietly that something was kept; the region stands from the start, so that it is read out. */
export function Saved({ shown, children = "Saved" }: { shown: boolean; children?: string }) {
  return (
    <span role="status" className={styles.past}>
      {shown ? children : ""}
    </span>
  );
}
