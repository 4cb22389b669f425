import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { EmptyState, ErrorNotice, SkeletonRows } from "@/components/feedback";
import type { Universe } from "@/lib/api";
import { formatAge, formatBarDate, formatCount, MISSING, plural } from "@/lib/format";
import { universeQuery, universesQuery, useMay } from "@/lib/queries";

import styles from "./data.module.css";

interface Props {
  chosen: number | undefined;
  onChoose: (universe: number | undefined) => void;
}

const KINDS: Record<Universe["source"], string> = {
  demo: "real prices",
  synthetic: "made, its true pairs known",
  user: "yours",
};

/** The universes as a small table; a press shows only that one's symbols. */
export function Universes({ chosen, onChoose }: Props) {
  const { data, isPending, error, refetch } = useQuery(universesQuery);
  if (error) {
    return <ErrorNotice error={error} what="The universes could not be loaded" onRetry={() => void refetch()} />;
  }
  if (isPending) return <SkeletonRows rows={3} label="Loading the universes" />;
  if (data.results.length === 0) {
    return <EmptyState title="No universe yet">A universe is a named set of symbols to scan together.</EmptyState>;
  }
  // Real prices first: what is made serves as a check.
  const universes = data.results.toSorted((a, b) => Number(a.source === "synthetic") - Number(b.source === "synthetic"));
  const current = data.results.find(({ id }) => id === chosen);
  return (
    <section aria-label="Universes" className={styles.universes}>
      <table className={styles.plain}>
        <thead>
          <tr>
            <th scope="col">Universe</th>
            <th scope="col">Kind</th>
            <th scope="col" className={styles.right}>
              Symbols
            </th>
            <th scope="col" className={styles.right}>
              First bar
            </th>
            <th scope="col" className={styles.right}>
              Last bar
            </th>
            <th scope="col" className={styles.right}>
              Bars
            </th>
            <th scope="col">Age</th>
            <th scope="col">
              <span className="visually-hidden">Scan</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {universes.map((universe) => (
            <UniverseRow
              key={universe.id}
              universe={universe}
              chosen={universe.id === chosen}
              onChoose={() => onChoose(universe.id === chosen ? undefined : universe.id)}
            />
          ))}
        </tbody>
      </table>
      {current ? <About universe={current} /> : null}
    </section>
  );
}

interface RowProps {
  universe: Universe;
  chosen: boolean;
  onChoose: () => void;
}

function UniverseRow({ universe, chosen, onChoose }: RowProps) {
  const { coverage } = universe;
  const mayScan = useMay("trading.add_scan");
  return (
    <tr data-chosen={chosen}>
      <th scope="row">
        <button type="button" className={styles.ticker} aria-pressed={chosen} onClick={onChoose}>
          {universe.name}
        </button>
      </th>
      <td>{KINDS[universe.source]}</td>
      <td className={styles.right}>{formatCount(universe.n_symbols)}</td>
      <td className={styles.right}>{formatBarDate(coverage.first)}</td>
      <td className={styles.right}>{formatBarDate(coverage.last)}</td>
      <td className={styles.right}>{formatCount(coverage.n_bars)}</td>
      <td>{universe.source === "synthetic" ? MISSING : formatAge(coverage.last)}</td>
      <td>
        {mayScan ? (
          <Link to="/pair-finder" search={{ universe: universe.id }} className={styles.link}>
            Scan<span className="visually-hidden"> {universe.name}</span>
          </Link>
        ) : null}
      </td>
    </tr>
  );
}

function About({ universe }: { universe: Universe }) {
  const { data } = useQuery(universeQuery(universe.id));
  const kept = data?.planted.filter(({ kind }) => kind === "cointegrated").length ?? 0;
  const broken = data?.planted.filter(({ kind }) => kind === "breaking").length ?? 0;
  return (
    <p className={styles.about}>
      {universe.description}
      {kept + broken > 0
        ? ` Planted in it: ${plural(kept, "cointegrated pair")} and ${plural(broken, "pair")} whose relation breaks.`
        : null}
    </p>
  );
}
