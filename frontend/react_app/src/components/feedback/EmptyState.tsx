import type { ReactNode } from "react";

import styles from "./feedback.module.css";

interface Props {
  title: string;
  /** Why it is empty, and what would fill it. */
  children?: ReactNode;
  /** The one thing to do about it. */
  action?: ReactNode;
}

/** Nothing to show, said in words; also used for "not found" and "forbidden". */
export function EmptyState({ title, children, action }: Props) {
  return (
    <div className={styles.quiet}>
      <h2>{title}</h2>
      {children ? <p>{children}</p> : null}
      {action}
    </div>
  );
}
