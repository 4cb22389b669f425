import { useNavigate } from "@tanstack/react-router";

import { Page } from "@/components/page";

import type { WalkForwardsSearch } from "../search";
import { EarlierWalkForwards } from "./EarlierWalkForwards";
import styles from "./walk.module.css";
import { WalkForwardForm } from "./WalkForwardForm";

/** Ask for a walk-forward, or open an earlier one. */
export function WalkForwardsPage({ search }: { readonly search: WalkForwardsSearch }) {
  const navigate = useNavigate();
  const show = (run: number) => void navigate({ to: "/walk-forwards/$run", params: { run }, search: {} });
  return (
    <Page title="Walk-forward" note="Chooses on the past, trades what came after, again and again: only the tests are counted.">
      <div className={styles.start}>
        <section aria-labelledby="new-walk">
          <h2 id="new-walk" className={styles.heading}>
            New walk-forward
          </h2>
          <WalkForwardForm search={search} onStarted={show} />
        </section>
        <section aria-labelledby="earlier-walks" className={styles.earlier}>
          <h2 id="earlier-walks" className={styles.heading}>
            Earlier walk-forwards
          </h2>
          <EarlierWalkForwards onOpen={show} />
        </section>
      </div>
    </Page>
  );
}
