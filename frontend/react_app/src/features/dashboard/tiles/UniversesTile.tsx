import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import type { Universe } from "@/lib/api";
import { formatAge, formatBarDate, formatCount, MISSING } from "@/lib/format";
import { universesQuery } from "@/lib/queries";

import styles from "../components/dashboard.module.css";
import { TileBody } from "../components/TileBody";
import { axisOf, realFirst, spanOf, type Axis } from "../spans";

const SOURCES: Record<Universe["source"], string> = { demo: "real, demo", synthetic: "made", user: "uploaded" };

/** Which prices are there, where they come from, and how old they are. */
export function UniversesTile() {
  const query = useQuery(universesQuery);
  return (
    <TileBody query={query} what="The universes" rows={3}>
      {({ results }) => (results.length === 0 ? <NoPrices /> : <Rows universes={realFirst(results)} />)}
    </TileBody>
  );
}

function NoPrices() {
  return (
    <p className={styles.quiet}>
      No prices yet. <Link to="/data">Drop a file of daily bars on the Data page</Link>, or run{" "}
      <code>titan demo</code> on the server.
    </p>
  );
}

function Rows({ universes }: { readonly universes: readonly Universe[] }) {
  const [now] = useState(() => Date.now());
  const axis = axisOf(universes, now);
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Universe</th>
          <th scope="col" className={styles.lesser}>
            Source
          </th>
          <th scope="col" className={styles.right}>
            Symbols
          </th>
          <th scope="col" className={`${styles.lesser} ${styles.wide}`}>
            {axis ? `${new Date(axis.start).getUTCFullYear()} – today` : ""}
          </th>
          <th scope="col" className={styles.right}>
            Last bar
          </th>
          <th scope="col" className={styles.right}>
            Age
          </th>
        </tr>
      </thead>
      <tbody>
        {universes.map((universe) => (
          <tr key={universe.id}>
            <th scope="row" className={styles.clip}>
              <Link to="/data" search={{ universe: universe.id }} title={universe.name}>
                {universe.name}
              </Link>
            </th>
            <td className={styles.lesser}>{SOURCES[universe.source]}</td>
            <td className={styles.right}>{formatCount(universe.n_symbols)}</td>
            <td className={`${styles.lesser} ${styles.stripCell}`}>
              {axis ? <History universe={universe} axis={axis} /> : null}
            </td>
            <td className={styles.right}>{formatBarDate(universe.coverage.last)}</td>
            <td className={`${styles.right} ${styles.faint}`}>
              {universe.source === "synthetic" ? MISSING : formatAge(universe.coverage.last)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** From first to last bar, on the years that all rows share. */
function History({ universe, axis }: { readonly universe: Universe; readonly axis: Axis }) {
  const span = spanOf(universe, axis);
  if (span === null) return null;
  const { from, to } = span;
  return (
    <svg viewBox="0 0 100 20" preserveAspectRatio="none" className={styles.history} aria-hidden="true" focusable="false">
      <path d="M0 10H100" className={styles.axis} />
      <path d={`M${(100 * from).toFixed(2)} 10H${(100 * to).toFixed(2)}`} className={styles.span} />
    </svg>
  );
}
