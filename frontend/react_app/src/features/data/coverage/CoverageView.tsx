import { Button, Checkbox } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { EmptyState, ErrorNotice, SkeletonRows } from "@/components/feedback";
import { universesQuery } from "@/lib/queries";

import type { DataSearch } from "../search";
import styles from "./coverage.module.css";
import { CoverageMap } from "./CoverageMap";
import { monthRows, qualityWords } from "./model";
import { MonthTable } from "./MonthTable";
import { coverageQuery } from "./queries";

interface Props {
  readonly search: DataSearch;
  readonly onSearch: (patch: Partial<DataSearch>, options?: { replace?: boolean }) => void;
}

/** Which bars a universe has: the map by symbol and month, or the same in a table. */
export function CoverageView({ search, onSearch }: Props) {
  const { data: universes } = useQuery(universesQuery);
  const held = universes?.results ?? [];
  const universe = search.universe ?? (held.find(({ source }) => source !== "synthetic") ?? held[0])?.id;
  const name = held.find(({ id }) => id === universe)?.name ?? "";
  const { data, error, refetch } = useQuery({ ...coverageQuery(universe ?? 0), enabled: universe !== undefined });
  const [all, setAll] = useState(false);
  const table = search.table ?? false;
  const rows = useMemo(() => (data && table ? monthRows(data, all) : []), [data, table, all]);

  if (universes && universe === undefined) {
    return <EmptyState title="No universe yet">Bring prices in above: they become a universe whose coverage is shown here.</EmptyState>;
  }
  if (error) return <ErrorNotice error={error} what="The coverage could not be loaded" onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={12} label="Counting the bars" />;
  const toolbar = (
    <>
      <h2>{name}</h2>
      <Button variant="default" aria-pressed={table} onClick={() => onSearch({ table: table ? undefined : true })}>
        {table ? "Map" : "Table"}
      </Button>
      {table ? (
        <Checkbox label="Months without gaps too" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
      ) : null}
    </>
  );
  return (
    <section className={styles.view} aria-label={`Coverage of ${name}`}>
      <p className={styles.verdict}>{qualityWords(data)}</p>
      {table ? (
        <MonthTable rows={rows} all={all} toolbar={toolbar} fileName={`coverage-${universe ?? 0}`} />
      ) : (
        <CoverageMap quality={data} toolbar={toolbar} fileName={`coverage-${universe ?? 0}`} />
      )}
    </section>
  );
}
