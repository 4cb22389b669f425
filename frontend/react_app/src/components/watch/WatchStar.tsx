import { useIsWatched, useSetWatched } from "@/lib/queries";

import styles from "./watch.module.css";

interface Props {
  readonly pair: number;
  /** "KO / PEP": names the star for those who hear it. */
  readonly name: string;
  /** The word beside the star. */
  readonly labelled?: boolean;
}

/** One's own star on a pair: it stands on the Dashboard while it is on. */
export function WatchStar({ pair, name, labelled = false }: Props) {
  const known = useIsWatched(pair);
  const set = useSetWatched();
  const watched = set.isPending ? set.variables.watched : (known ?? false);
  return (
    <span className={styles.place}>
      <button
        type="button"
        className={styles.star}
        data-labelled={labelled}
        aria-pressed={watched}
        aria-label={`Watch ${name}`}
        title={watched ? `Take ${name} off the Dashboard` : `Keep ${name} on the Dashboard`}
        disabled={known === undefined || set.isPending}
        onClick={() => set.mutate({ pair, watched: !watched })}
      >
        <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" focusable="false">
          <path d="M7 1.1 8.8 5l4.1.5-3 2.9.8 4.2L7 10.5l-3.7 2.1.8-4.2-3-2.9L5.2 5Z" />
        </svg>
        {labelled ? "Watch" : null}
      </button>
      {set.error ? (
        <span role="alert" className={styles.refused}>
          {set.error.message}
        </span>
      ) : null}
    </span>
  );
}
