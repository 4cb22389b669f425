import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { AlertLines } from "@/components/alerts";
import { formatCount } from "@/lib/format";
import { openAlertsQuery } from "@/lib/queries";

import styles from "../components/dashboard.module.css";
import { TileBody } from "../components/TileBody";

const SHOWN = 5;

/** What nobody has acknowledged yet. */
export function AlertsTile() {
  const query = useQuery(openAlertsQuery);
  return (
    <TileBody query={query} what="The alerts" rows={3}>
      {({ count, results }) => (
        <>
          {results.length === 0 ? (
            <p className={styles.quiet}>Nothing needs a look.</p>
          ) : (
            <AlertLines alerts={results.slice(0, SHOWN)} />
          )}
          <Anchor component={Link} to="/alerts" size="sm" className={styles.more}>
            {count > SHOWN ? `All ${formatCount(count)} alerts` : "Alerts and their rules"}
          </Anchor>
        </>
      )}
    </TileBody>
  );
}
