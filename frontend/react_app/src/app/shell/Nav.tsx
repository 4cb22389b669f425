import { Link } from "@tanstack/react-router";

import { PAGES } from "./pages";
import styles from "./shell.module.css";

export function Nav() {
  return (
    <nav className={styles.nav} aria-label="Pages">
      <ul>
        {PAGES.map(({ to, label }) => (
          <li key={to}>
            <Link to={to} className={styles.navLink} activeOptions={{ includeSearch: false }}>
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
