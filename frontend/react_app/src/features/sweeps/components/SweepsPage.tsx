import { useNavigate } from "@tanstack/react-router";

import { Forbidden } from "@/components/feedback";
import { Page } from "@/components/page";
import { useMay } from "@/lib/queries";

import type { SweepsSearch } from "../search";
import { EarlierSweeps } from "./EarlierSweeps";
import styles from "./sweeps.module.css";
import { SweepForm } from "./SweepForm";

/** A sweep or a search to ask for, and those there were. */
export function SweepsPage({ search }: { readonly search: SweepsSearch }) {
  const navigate = useNavigate();
  const may = useMay("trading.view_sweep");
  if (!may) return <Forbidden title="Optimise">Your role may look at pairs and scans, not try rules on them.</Forbidden>;
  const show = (sweep: number) => void navigate({ to: "/sweeps/$sweep", params: { sweep }, search: {} });
  return (
    <Page title="Optimise" note="Tries many settings of a rule on one pair. Every one counts as a trial, and makes the best harder to believe.">
      <section aria-label="New sweep or search">
        <SweepForm search={search} onStarted={show} />
      </section>
      <section aria-labelledby="earlier-sweeps" className={styles.earlier}>
        <h2 id="earlier-sweeps" className={styles.heading}>
          Earlier sweeps and searches
        </h2>
        <EarlierSweeps onOpen={show} />
      </section>
    </Page>
  );
}
