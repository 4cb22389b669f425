import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { Page } from "@/components/page";
import { openWords } from "@/lib/alertWords";
import { alertSummaryQuery } from "@/lib/queries";

import { VIEWS, type AlertsSearch } from "../search";
import { AlertTable } from "./AlertTable";
import styles from "./alerts.module.css";
import { Channels } from "./Channels";
import { Rules } from "./Rules";

export type SetSearch = (patch: Partial<AlertsSearch>, options?: { replace?: boolean }) => void;

interface Props {
  readonly search: AlertsSearch;
  readonly onSearch: SetSearch;
}

const ALERTS = "alerts";
const CHOICES = [
  { value: ALERTS, label: "Alerts" },
  { value: "rules", label: "Rules" },
  { value: "channels", label: "Channels" },
];

/** What TITAN had to tell, what one wants to be told of, and the ways it reaches one. */
export function AlertsPage({ search, onSearch }: Props) {
  const { data } = useQuery(alertSummaryQuery);
  return (
    <Page title="Alerts" note={data ? openWords(data.unacknowledged) : null}>
      <SegmentedControl
        aria-label="Show"
        className={styles.views}
        data={CHOICES}
        value={search.view ?? ALERTS}
        onChange={(value) => onSearch({ view: VIEWS.find((each) => each === value), page: undefined, edit: undefined })}
      />
      {search.view === undefined ? <AlertTable search={search} onSearch={onSearch} /> : null}
      {search.view === "rules" ? <Rules search={search} onSearch={onSearch} /> : null}
      {search.view === "channels" ? <Channels search={search} onSearch={onSearch} /> : null}
    </Page>
  );
}
