import { Link } from "@tanstack/react-router";

import styles from "./shell.module.css";
import { usePages } from "./usePages";

export function Nav() {
  return (
    <nav className={styles.nav} aria-label="Pages">
      <ul>
        {usePages().map(({ to, label }) => (
          <li key={to}>
            <Link to={to} className={styles.navLink} activeOptions={{ includeSearch: false, exact: to === "/" }}>
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
