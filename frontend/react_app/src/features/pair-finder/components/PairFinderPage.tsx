import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { ErrorNotice, SkeletonRows } from "@/components/feedback";
import { Page } from "@/components/page";
import { ShareButton } from "@/components/share";
import { scanQuery } from "@/lib/queries";
import { subjectWords } from "@/lib/scanWords";
import { compact } from "@/lib/urlState";

import type { PairFinderSearch } from "../search";
import { EarlierScans } from "./EarlierScans";
import styles from "./finder.module.css";
import { ScanForm } from "./ScanForm";
import { ScanView } from "./ScanView";

export type SetSearch = (patch: Partial<PairFinderSearch>, options?: { replace?: boolean }) => void;

interface Props {
  readonly search: PairFinderSearch;
  readonly onSearch: SetSearch;
}

/** Leaves a scan: what belonged to its table leaves the address with it. */
const NO_SCAN: Partial<PairFinderSearch> = { scan: undefined, q: undefined, all: undefined, selected: undefined };

/** Find cointegrated pairs: ask for a scan, watch it, read its candidates. */
export function PairFinderPage({ search, onSearch }: Props) {
  if (search.scan !== undefined) return <OneScan id={search.scan} search={search} onSearch={onSearch} />;
  const show = (scan: number) => onSearch({ ...NO_SCAN, scan });
  return (
    <Page title="Pair Finder" note="Tests every pair of a universe for cointegration, and counts every test.">
      <div className={styles.start}>
        <section aria-labelledby="new-scan">
          <h2 id="new-scan" className={styles.heading}>
            New scan
          </h2>
          <ScanForm
            universe={search.universe}
            onUniverse={(universe) => onSearch({ universe }, { replace: true })}
            onStarted={show}
          />
        </section>
        <section aria-labelledby="earlier-scans">
          <h2 id="earlier-scans" className={styles.heading}>
            Earlier scans
          </h2>
          <EarlierScans onOpen={show} />
        </section>
      </div>
    </Page>
  );
}

/** What a link keeps of the address: how the table is sorted, searched and laid out. */
function sharedView({ order, q, all, hide }: PairFinderSearch): PairFinderSearch {
  return compact({ order, q, all, hide });
}

function OneScan({ id, search, onSearch }: Props & { readonly id: number }) {
  const { data: scan, error, refetch } = useQuery(scanQuery(id));
  const leave = () => onSearch({ ...NO_SCAN, universe: scan?.universe?.id });
  return (
    <Page
      title="Pair Finder"
      note={scan ? `Scan ${scan.id} · ${subjectWords(scan)}` : `Scan ${id}`}
      actions={
        <Group gap={8}>
          {scan?.completed_at ? (
            <ShareButton kind="scan" objectId={scan.id} title={`Scan of ${subjectWords(scan)}`} view={sharedView(search)} />
          ) : null}
          <Button variant="default" onClick={leave}>
            New scan, earlier scans
          </Button>
        </Group>
      }
    >
      {scan ? (
        <ScanView scan={scan} search={search} onSearch={onSearch} />
      ) : error ? (
        <ErrorNotice error={error} what={`Scan ${id} could not be loaded`} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={12} label="Loading the scan" />
      )}
    </Page>
  );
}
