import { useMemo, useRef, useState, type FocusEvent, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";

import { DataTable, type DataColumn } from "@/components/table";
import type { SymbolQuality, UniverseQuality } from "@/lib/api";
import { formatCount } from "@/lib/format";
import { createStore } from "@/lib/store";

import { CoverageReadout, type MapPoint } from "./CoverageReadout";
import styles from "./coverage.module.css";
import { CoverageStrip } from "./CoverageStrip";
import { qualityPercent, yearTicks } from "./model";

interface Props {
  readonly quality: UniverseQuality;
  readonly toolbar: ReactNode;
  readonly fileName: string;
}

/** The years over the strips, on their scale. */
function Axis({ months }: { readonly months: readonly string[] }) {
  return (
    <span className={styles.axis} aria-hidden="true">
      {yearTicks(months).map(({ year, at }) => (
        <span key={year} style={{ left: `${(at / months.length) * 100}%` }}>
          {year}
        </span>
      ))}
    </span>
  );
}

function columns(months: readonly string[]): readonly DataColumn<SymbolQuality>[] {
  return [
    { id: "ticker", header: "Symbol", width: 88, value: ({ ticker }) => ticker, hideable: false },
    {
      id: "months",
      header: "Bars by month",
      drawn: <Axis months={months} />,
      width: 320,
      grow: 1,
      value: () => null,
      cell: (symbol) => <CoverageStrip symbol={symbol} months={months.length} />,
      sortable: false,
      exported: false,
      hideable: false,
    },
    {
      id: "quality",
      header: "Quality",
      width: 76,
      align: "right",
      value: ({ quality }) => quality,
      cell: ({ quality }) => qualityPercent(quality),
      explain: "Bars there are over sessions the exchange held, between the symbol's first and last bar.",
    },
    {
      id: "n_missing",
      header: "Missing",
      width: 72,
      align: "right",
      firstSort: "descending",
      value: ({ n_missing }) => n_missing,
      cell: ({ n_missing }) => formatCount(n_missing),
      explain: "Sessions without a bar.",
    },
    {
      id: "n_quarantined",
      header: "Set aside",
      width: 76,
      align: "right",
      firstSort: "descending",
      value: ({ n_quarantined }) => n_quarantined,
      cell: ({ n_quarantined }) => formatCount(n_quarantined),
      explain: "Rows of its uploads that were not stored.",
    },
  ];
}

const NOWHERE: MapPoint = { ticker: null, month: null, spoken: false };

/**
 * Every symbol's months under one another on one scale. The pointer, or the arrow keys in a row, read a month; its
 * line crosses all strips, and moving it redraws no row.
 */
export function CoverageMap({ quality, toolbar, fileName }: Props) {
  const { months, symbols } = quality;
  const [at] = useState(() => createStore<MapPoint>(NOWHERE));
  const frame = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => columns(months), [months]);

  const move = (point: MapPoint) => {
    const { month } = point;
    frame.current?.style.setProperty("--month", month === null ? "-9" : String((month + 0.43) / months.length));
    at.set(point);
  };
  const onPointerMove = (event: PointerEvent) => {
    const strip = (event.target as Element).closest<HTMLElement>("[data-strip]");
    if (!strip) return;
    const { left, width } = strip.getBoundingClientRect();
    const month = Math.min(months.length - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * months.length)));
    move({ ticker: strip.dataset.strip ?? null, month, spoken: false });
  };
  const tickerOf = (target: EventTarget) => (target as Element).querySelector<HTMLElement>("[data-strip]")?.dataset.strip ?? null;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const ticker = tickerOf(event.target);
    if (step === undefined || ticker === null || !(event.target as Element).matches("[role=row]")) return;
    event.preventDefault();
    const from = at.get().month ?? (step > 0 ? -1 : months.length);
    const jump = event.shiftKey ? 12 * step : step;
    move({ ticker, month: Math.min(months.length - 1, Math.max(0, from + jump)), spoken: true });
  };
  const onFocus = (event: FocusEvent) => {
    const ticker = tickerOf(event.target);
    if (ticker !== null && event.target.matches("[role=row]")) move({ ...at.get(), ticker, spoken: true });
  };

  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- listens to its rows, which take the focus
    <div
      ref={frame}
      className={styles.map}
      onPointerMove={onPointerMove}
      onPointerLeave={() => move(NOWHERE)}
      onKeyDown={onKeyDown}
      onFocus={onFocus}
    >
      <DataTable<SymbolQuality>
        label="Coverage by symbol and month"
        columns={shown}
        rows={symbols}
        rowId={({ ticker }) => ticker}
        csvName={`${fileName}.csv`}
        empty="This universe has no symbols."
        height="100%"
        toolbar={
          <>
            {toolbar}
            <Legend />
          </>
        }
      />
      <CoverageReadout quality={quality} at={at} />
    </div>
  );
}

const LEGEND = [
  { name: "present", words: "bars, as a share of the sessions", d: "M1 6h8v14h-8z" },
  { name: "lacking", words: "what lacks", d: "M1 0h8v6h-8z" },
  { name: "missing", words: "no bar in the month", d: "M1 14h8v6h-8z" },
  { name: "aside", words: "rows set aside", d: "M1 0h8v3h-8z" },
] as const;

function Legend() {
  return (
    <ul className={styles.legend} aria-label="Marks">
      {LEGEND.map(({ name, words, d }) => (
        <li key={name}>
          <svg viewBox="0 0 10 20" width={8} height={16} aria-hidden="true">
            <path className={styles[name]} d={d} />
          </svg>
          {words}
        </li>
      ))}
    </ul>
  );
}
