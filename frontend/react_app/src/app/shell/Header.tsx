import { Link } from "@tanstack/react-router";

import { AccountMenu } from "./AccountMenu";
import { Bell } from "./Bell";
import { DataAge } from "./DataAge";
import { RunningJobs } from "./RunningJobs";
import styles from "./shell.module.css";
import type { JobsFeed } from "./useJobsFeed";

interface Props {
  jobs: JobsFeed;
  onSearch: () => void;
  onShortcuts: () => void;
}

export function Header({ jobs, onSearch, onShortcuts }: Props) {
  return (
    <header className={styles.header}>
      <Link to="/" className={styles.mark}>
        TITAN
      </Link>
      <DataAge />
      <span className={styles.spring} />
      <RunningJobs feed={jobs} />
      <Bell />
      <button type="button" className={`${styles.quietButton} ${styles.search}`} onClick={onSearch}>
        <span>Go to page, symbol, pair</span>
        <kbd>Ctrl K</kbd>
      </button>
      <AccountMenu onShortcuts={onShortcuts} />
    </header>
  );
}
