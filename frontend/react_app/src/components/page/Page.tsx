import { useEffect, type ReactNode } from "react";

import { setPageTitle } from "@/lib/documentTitle";

import styles from "./page.module.css";

interface Props {
  title: string;
  /** A line beside the title: counts, ages, what the page is about. */
  note?: ReactNode;
  /** What can be done here. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A page's heading and room. The heading takes the focus when the route changes, so a screen reader hears where it is. */
export function Page({ title, note, actions, children }: Props) {
  useEffect(() => {
    setPageTitle(title);
  }, [title]);
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1 tabIndex={-1} data-page-heading className={styles.title}>
          {title}
        </h1>
        {note ? <div className={styles.note}>{note}</div> : null}
        {actions ? <div className={styles.actions}>{actions}</div> : null}
      </div>
      {children}
    </div>
  );
}
