import { SegmentedControl, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import { EmptyState, ErrorNotice } from "@/components/feedback";
import { Page } from "@/components/page";
import { DataTable } from "@/components/table";
import type { Symbol } from "@/lib/api";
import { plural } from "@/lib/format";
import { symbolsQuery, universeQuery } from "@/lib/queries";

import { CoverageView } from "../coverage/CoverageView";
import { IngestionList } from "../ingestion/IngestionList";
import { IngestionView } from "../ingestion/IngestionView";
import { VIEWS, type DataSearch, type SymbolOrder } from "../search";
import { UploadPanel } from "../upload/UploadPanel";
import styles from "./data.module.css";
import { matches } from "./matches";
import { symbolColumns } from "./symbolColumns";
import { SymbolPanel } from "./SymbolPanel";
import { Universes } from "./Universes";

interface Props {
  search: DataSearch;
  onSearch: (patch: Partial<DataSearch>, options?: { replace?: boolean }) => void;
}

/** The symbols of the universe chosen (or all), as far as the search goes. */
function useShownSymbols({ universe, q }: DataSearch) {
  const symbols = useQuery(symbolsQuery);
  const chosen = useQuery({ ...universeQuery(universe ?? 0), enabled: universe !== undefined });
  const shown = useMemo(() => {
    const members = chosen.data ? new Set(chosen.data.symbols.map(({ id }) => id)) : null;
    const inUniverse = (symbol: Symbol) => universe === undefined || (members?.has(symbol.id) ?? false);
    return (symbols.data ?? []).filter((symbol) => inUniverse(symbol) && matches(symbol, q));
  }, [symbols.data, chosen.data, universe, q]);
  const waiting = symbols.isPending || (universe !== undefined && chosen.isPending);
  const retry = () => void Promise.all([symbols.refetch(), universe === undefined ? null : chosen.refetch()]);
  return { shown, waiting, error: symbols.error ?? chosen.error, retry };
}

const VIEW_WORDS = { symbols: "Symbols", coverage: "Coverage", uploads: "Uploads" } as const;
const VIEW_CHOICES = VIEWS.map((value) => ({ value, label: VIEW_WORDS[value] }));

/** What TITAN knows prices of: how more come in, the universes, and their symbols, gaps and uploads. */
export function DataPage({ search, onSearch }: Props) {
  // A link to an upload shows it, whatever else the address says.
  const view = search.ingestion === undefined ? (search.view ?? "symbols") : "uploads";
  return (
    <Page title="Data" note="Universes, their symbols, and how far their prices reach">
      <UploadPanel
        onAccepted={(ingestions) => {
          const [only] = ingestions;
          onSearch({ view: "uploads", ingestion: ingestions.length === 1 ? only : undefined, reason: undefined });
        }}
      />
      {view === "uploads" ? null : (
        <Universes chosen={search.universe} onChoose={(universe) => onSearch({ universe, symbol: undefined })} />
      )}
      <SegmentedControl
        aria-label="Show"
        className={styles.views}
        data={VIEW_CHOICES}
        value={view}
        onChange={(value) => {
          const next = VIEWS.find((each) => each === value);
          onSearch({ view: next === "symbols" ? undefined : next, ingestion: undefined, reason: undefined, table: undefined });
        }}
      />
      {view === "symbols" ? <Symbols search={search} onSearch={onSearch} /> : null}
      {view === "coverage" ? <CoverageView search={search} onSearch={onSearch} /> : null}
      {view === "uploads" && search.ingestion === undefined ? (
        <IngestionList onOpen={(ingestion) => onSearch({ view: "uploads", ingestion })} />
      ) : null}
      {view === "uploads" && search.ingestion !== undefined ? (
        <IngestionView key={search.ingestion} id={search.ingestion} search={search} onSearch={onSearch} />
      ) : null}
    </Page>
  );
}

function Symbols({ search, onSearch }: Props) {
  const { shown, waiting, error, retry } = useShownSymbols(search);
  const symbol = shown.find(({ ticker }) => ticker === search.symbol);
  const open = useCallback(
    (ticker: string) => {
      const symbol = ticker === search.symbol ? undefined : ticker;
      onSearch({ symbol, from: undefined, to: undefined, table: undefined });
    },
    [search.symbol, onSearch],
  );
  const columns = useMemo(() => symbolColumns(search.symbol, open), [search.symbol, open]);
  return (
    <div className={styles.split} data-open={search.symbol !== undefined}>
      <DataTable<Symbol>
        label="Symbols"
        layoutKey="symbols"
        pristine={search.order === undefined}
        columns={columns}
        rows={shown}
        rowId={({ ticker }) => ticker}
        order={readOrder(search.order)}
        onOrderChange={(order) =>
          onSearch({ order: order ? (`${order.descending ? "-" : ""}${order.column}` as SymbolOrder) : undefined })
        }
        onOpen={({ ticker }) => open(ticker)}
        loading={waiting}
        error={error ? <ErrorNotice error={error} what="The symbols could not be loaded" onRetry={retry} /> : null}
        empty={<NoSymbols search={search} />}
        csvName="symbols.csv"
        height="100%"
        toolbar={
          <>
            <h2>{waiting ? "Symbols" : plural(shown.length, "symbol")}</h2>
            <SearchField value={search.q} onChange={(q) => onSearch({ q }, { replace: true })} />
          </>
        }
      />
      {search.symbol !== undefined ? (
        <SymbolPanel
          ticker={search.symbol}
          symbol={symbol}
          waiting={waiting}
          search={search}
          onSearch={onSearch}
          onClose={() => open(search.symbol ?? "")}
        />
      ) : null}
    </div>
  );
}

function readOrder(order: SymbolOrder | undefined) {
  if (order === undefined) return { column: "ticker", descending: false };
  return { column: order.replace(/^-/, ""), descending: order.startsWith("-") };
}

function SearchField({ value, onChange }: { value: string | undefined; onChange: (q: string | undefined) => void }) {
  return (
    <TextInput
      type="search"
      aria-label="Search symbols by ticker, name or sector"
      placeholder="Ticker, name or sector"
      value={value ?? ""}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
      w={220}
    />
  );
}

function NoSymbols({ search }: { search: DataSearch }) {
  if (search.q !== undefined) {
    return <EmptyState title={`Nothing matches “${search.q}”`}>Try a ticker, a company name or a sector.</EmptyState>;
  }
  return (
    <EmptyState title="No symbols yet">
      Drop a file of daily bars on this page. Or load twenty US stocks and a synthetic universe: run{" "}
      <code>titan demo</code> on the server.
    </EmptyState>
  );
}
