import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { WatchStar } from "@/components/watch";
import type { WatchedPair } from "@/lib/api";
import { formatAge, formatBarDate, formatSigned, plural } from "@/lib/format";
import { watchedQuery } from "@/lib/queries";

import styles from "../components/dashboard.module.css";
import { TileBody } from "../components/TileBody";
import { ZStrip } from "../components/ZStrip";
import { byNearness, commonDay, isInSample, sharedReach, standing, standingWords, thresholdWords } from "../zStrip";

/** Rows shown before one asks for all. */
const FIRST = 12;

/** One's own pairs as small multiples of their z-scores, nearest to entry first. */
export function WatchedTile() {
  const query = useQuery(watchedQuery);
  return (
    <TileBody query={query} what="The watched pairs" rows={4}>
      {({ results }) => (results.length === 0 ? <NoneWatched /> : <Strips pairs={results} />)}
    </TileBody>
  );
}

function NoneWatched() {
  return (
    <p className={styles.quiet}>
      No pair is watched. Open one from a scan or from <Link to="/pair">Analyse a pair</Link>, and press its star: its
      z-score then stands here, between your entry and exit levels.
    </p>
  );
}

function Strips({ pairs }: { readonly pairs: readonly WatchedPair[] }) {
  const [all, setAll] = useState(false);
  const ordered = byNearness(pairs);
  const shown = all ? ordered : ordered.slice(0, FIRST);
  const reach = sharedReach(pairs);
  const day = commonDay(pairs);
  const allInSample = pairs.every(isInSample);
  return (
    <>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Pair</th>
            <th scope="col" className={styles.wide}>
              z-score, last 60 bars
            </th>
            <th scope="col" className={styles.right}>
              z now
            </th>
            <th scope="col" className={styles.lesser}>
              Stands
            </th>
            {day === null ? (
              <th scope="col" className={`${styles.right} ${styles.lesser}`}>
                Last bar
              </th>
            ) : null}
            <th scope="col">
              <span className="visually-hidden">Watch</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((watched) => (
            <StripRow key={watched.pair.id} watched={watched} reach={reach} dated={day === null} marked={!allInSample && isInSample(watched)} />
          ))}
        </tbody>
      </table>
      <p className={styles.caption}>
        {thresholdWords(pairs)} One scale for all, to ±{reach.toFixed(1)}.
        {day === null ? null : ` Last bar ${day}, ${formatAge(pairs[0]?.as_of)}.`}
        {allInSample ? " All in sample: the hedge ratios were fitted on these bars too." : null}
      </p>
      {ordered.length > FIRST ? (
        <Button variant="subtle" size="compact-xs" mih={24} onClick={() => setAll(!all)}>
          {all ? `Only the ${FIRST} nearest to entry` : `All ${plural(ordered.length, "pair")}`}
        </Button>
      ) : null}
    </>
  );
}

interface RowProps {
  readonly watched: WatchedPair;
  readonly reach: number;
  /** The pairs end on different days, so each says its own. */
  readonly dated: boolean;
  /** Some strips are in sample and some are not, and this one is. */
  readonly marked: boolean;
}

function StripRow({ watched, reach, dated, marked }: RowProps) {
  const { pair, z_score, as_of } = watched;
  const [first, second] = [pair.symbol_1.ticker, pair.symbol_2.ticker];
  const name = `${first} / ${second}`;
  return (
    <tr className={styles.stripRow}>
      <th scope="row">
        <Link to="/pair" search={{ symbol_1: first, symbol_2: second }}>
          {name}
        </Link>
      </th>
      <td className={styles.stripCell}>
        <ZStrip pair={watched} reach={reach} />
      </td>
      <td className={styles.right} data-standing={standing(watched)}>
        {formatSigned(z_score, 2)}
      </td>
      <td className={styles.lesser} data-standing={standing(watched)}>
        {standingWords(watched)}
        {marked ? ", in sample" : null}
      </td>
      {dated ? (
        <td className={`${styles.right} ${styles.lesser}`} title={as_of ? formatAge(as_of) : undefined}>
          {formatBarDate(as_of)}
        </td>
      ) : null}
      <td className={styles.act}>
        <WatchStar pair={pair.id} name={name} />
      </td>
    </tr>
  );
}
