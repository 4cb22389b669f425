import { Outlet } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";

import { Header } from "./Header";
import { Nav } from "./Nav";
import { Notices } from "./Notices";
import { ReLogin } from "./ReLogin";
import styles from "./shell.module.css";
import { ShortcutSheet } from "./ShortcutSheet";
import { useAlertsFeed } from "./useAlertsFeed";
import { useJobsFeed } from "./useJobsFeed";
import { usePreferences } from "./usePreferences";
import { useRouteFocus } from "./useRouteFocus";
import { useSessionEnd } from "./useSessionEnd";
import { useShortcuts } from "./useShortcuts";

// Fetched when it is first asked for.
const CommandPalette = lazy(async () => ({ default: (await import("./palette/CommandPalette")).CommandPalette }));

type Layer = "palette" | "shortcuts" | null;

/** What stands around every page: header, navigation, notices, and the keys that work everywhere. */
export function Shell() {
  const [layer, setLayer] = useState<Layer>(null);
  const close = () => setLayer(null);
  const jobs = useJobsFeed();
  useAlertsFeed();
  usePreferences();
  useRouteFocus();
  useSessionEnd();
  useShortcuts({ onPalette: () => setLayer("palette"), onHelp: () => setLayer("shortcuts") });
  return (
    <div className={styles.shell}>
      <a href="#main" className={styles.skip}>
        Skip to the content
      </a>
      <Header jobs={jobs} onSearch={() => setLayer("palette")} onShortcuts={() => setLayer("shortcuts")} />
      <Nav />
      <main id="main" className={styles.main} tabIndex={-1}>
        <Outlet />
      </main>
      <Suspense fallback={null}>{layer === "palette" ? <CommandPalette onClose={close} /> : null}</Suspense>
      <ShortcutSheet opened={layer === "shortcuts"} onClose={close} />
      <ReLogin />
      <Notices />
    </div>
  );
}
