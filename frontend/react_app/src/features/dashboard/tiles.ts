import type { ComponentType } from "react";

import { AlertsTile } from "./tiles/AlertsTile";
import { JobsTile } from "./tiles/JobsTile";
import { PerformanceTile } from "./tiles/PerformanceTile";
import { ScansTile } from "./tiles/ScansTile";
import { UniversesTile } from "./tiles/UniversesTile";
import { WatchedTile } from "./tiles/WatchedTile";

/** One part of the Dashboard. A tile fetches for itself and draws its own empty, loading and failed states. */
export interface Tile {
  readonly id: string;
  readonly title: string;
  readonly component: ComponentType;
  /** Absent for those who lack it. */
  readonly permission: string;
  /** The wide column, or the narrow one beside it. */
  readonly place: "main" | "side";
}

/** The Dashboard's tiles in their order: what needs a look first stands first. A new tile is one line here. */
export const TILES: readonly Tile[] = [
  { id: "watched", title: "Watched pairs", component: WatchedTile, permission: "trading.view_tradingpair", place: "main" },
  { id: "performance", title: "Performance", component: PerformanceTile, permission: "trading.view_walkforwardrun", place: "main" },
  { id: "scans", title: "Last scans", component: ScansTile, permission: "trading.view_scan", place: "main" },
  { id: "universes", title: "Prices", component: UniversesTile, permission: "trading.view_universe", place: "main" },
  { id: "alerts", title: "Alerts", component: AlertsTile, permission: "trading.view_alert", place: "side" },
  { id: "jobs", title: "Jobs", component: JobsTile, permission: "trading.view_job", place: "side" },
];

/** The tiles a person may see, in one of the columns. */
export function tilesFor(permissions: readonly string[], place: Tile["place"]): readonly Tile[] {
  return TILES.filter((tile) => tile.place === place && permissions.includes(tile.permission));
}
