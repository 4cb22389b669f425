import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { EmptyState } from "@/components/feedback";
import { Page } from "@/components/page";
import { useMay, useMe } from "@/lib/queries";

import { tilesFor, type Tile } from "../tiles";
import styles from "./dashboard.module.css";

/** The first page after log-in: what one watches, what one asked for, what runs, what needs a look. */
export function DashboardPage() {
  const { permissions } = useMe();
  const main = tilesFor(permissions, "main");
  const side = tilesFor(permissions, "side");
  return (
    <Page title="Dashboard" actions={<NewBacktest />}>
      {main.length + side.length === 0 ? (
        <EmptyState title="Your account has no role yet">
          Ask an administrator for one: viewers read, traders scan and keep pairs.
        </EmptyState>
      ) : (
        <div className={styles.columns}>
          <Column tiles={main} />
          <Column tiles={side} />
        </div>
      )}
    </Page>
  );
}

/** From here a backtest is two presses away: this one, and Run. */
function NewBacktest() {
  if (!useMay("trading.add_backtestrun")) return null;
  return (
    <Button variant="default" renderRoot={(props) => <Link to="/backtests/new" {...props} />}>
      New backtest
    </Button>
  );
}

function Column({ tiles }: { readonly tiles: readonly Tile[] }) {
  if (tiles.length === 0) return null;
  return (
    <div className={styles.column}>
      {tiles.map(({ id, title, component: Content }) => (
        <section key={id} className={styles.tile} aria-labelledby={`tile-${id}`}>
          <h2 id={`tile-${id}`}>{title}</h2>
          <Content />
        </section>
      ))}
    </div>
  );
}
