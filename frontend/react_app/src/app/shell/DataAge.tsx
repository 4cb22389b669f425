import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { formatAge, formatBarDate } from "@/lib/format";
import { universesQuery } from "@/lib/queries";

import styles from "./shell.module.css";

/** How old the newest bar of real prices is; synthetic ones have no age to speak of. */
export function DataAge() {
  const { data } = useQuery(universesQuery);
  const real = data?.results.filter(({ source }) => source !== "synthetic") ?? [];
  const newest = real
    .map(({ coverage }) => coverage.last)
    .filter((last) => last != null)
    .sort()
    .at(-1);
  if (!newest) return null;
  return (
    <Link to="/data" className={styles.quietButton}>
      <span>
        Prices to {formatBarDate(newest)}, {formatAge(newest)}
      </span>
    </Link>
  );
}
