import { formatSigned } from "@/lib/format";

import styles from "./performance.module.css";

export interface Monthly {
  readonly years: readonly number[];
  readonly months: readonly (readonly (number | null)[])[];
  readonly totals: readonly (number | null)[];
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const cell = (value: number | null | undefined) => (value === null || value === undefined ? "" : formatSigned(value * 100, 1));

/** How much of the tint a return gets: the largest of all months gets all of it. */
export function tint(value: number | null | undefined, largest: number): number {
  if (value === null || value === undefined || largest <= 0) return 0;
  return Math.round((Math.abs(value) / largest) * 100) / 100;
}

export function largestOf(months: Monthly["months"]): number {
  return Math.max(0, ...months.flat().map((value) => Math.abs(value ?? 0)));
}

/** Returns by month and year in per cent; sign is said, and tinted. */
export function MonthlyTable({ monthly }: { readonly monthly: Monthly }) {
  const largest = largestOf(monthly.months);
  return (
    <div className={styles.scroller}>
      <table className={styles.monthly}>
        <caption className="visually-hidden">Returns by month, per cent</caption>
        <thead>
          <tr>
            <th scope="col">%</th>
            {MONTHS.map((month) => (
              <th key={month} scope="col">
                {month}
              </th>
            ))}
            <th scope="col">Year</th>
          </tr>
        </thead>
        <tbody>
          {monthly.years.map((year, row) => (
            <tr key={year}>
              <th scope="row">{year}</th>
              {MONTHS.map((month, column) => {
                const value = monthly.months[row]?.[column];
                return (
                  <td
                    key={month}
                    data-sign={value ? (value > 0 ? "up" : "down") : undefined}
                    style={{ "--tint": tint(value, largest) } as React.CSSProperties}
                  >
                    {cell(value)}
                  </td>
                );
              })}
              <td className={styles.year}>{cell(monthly.totals[row])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
