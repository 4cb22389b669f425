/** Runs side by side: letters, the overlay, and who differs from whom. */
import type { PaneStack } from "@/components/charts";
import type { Comparison } from "@/lib/api";
import { formatNumber } from "@/lib/format";

/** "A" to "H": how runs are told apart in the chart and all tables. */
export const letterOf = (place: number): string => String.fromCharCode(65 + place);

const index = (value: number | null | undefined) => formatNumber(value, 3);

/** The equity of each run, 1 at its start, in its own colour, with its letter at the end. */
export function overlayStack({ timestamps, equity }: Pick<Comparison, "timestamps" | "equity">): PaneStack {
  return {
    timestamps,
    inSample: [],
    panes: [
      {
        id: "overlay",
        title: "Equity, 1 at the start, log scale",
        stretch: 1,
        logarithmic: true,
        format: index,
        lines: equity.map((values, place) => ({
          id: `run ${place}`,
          label: letterOf(place),
          tag: letterOf(place),
          values,
          color: place,
          // Beyond four, colour alone is asked too much.
          dashed: place >= 4,
          format: index,
        })),
      },
    ],
  };
}

/** A setting's name as people say it: "costs.commission.bps" → "costs: commission bps". */
export function settingWords(name: string): string {
  const [head = "", ...rest] = name.split(".");
  const words = (text: string) => text.replaceAll("_", " ");
  return rest.length === 0 ? words(head) : `${head === "parameters" ? "" : `${words(head)}: `}${rest.map(words).join(" ")}`;
}

/** A setting's value as people write it: no more digits of a number than mean something. */
export function valueWords(value: string | null): string {
  if (value === null) return "off";
  return /^-?\d*\.\d+(e-?\d+)?$/i.test(value) ? String(Number(Number(value).toPrecision(4))) : value;
}

/** What a test of a difference says, in two words. */
export function differenceWords({ pvalue, sharpe_difference: difference, letters }: { pvalue: number | null; sharpe_difference: number | null; letters: string }): string {
  if (pvalue === null || difference === null) return "not tested";
  if (pvalue >= 0.05) return "could be luck";
  const [first = "", second = ""] = letters.split(" − ");
  return `${difference > 0 ? first : second} is better`;
}

/** The value most runs share; the others are the ones to look at. Null where no value leads. */
export function usualValue(values: readonly (string | null)[]): string | null {
  const counts = new Map<string | null, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [first, second] = [...counts].sort((a, b) => b[1] - a[1]);
  return first && first[1] > (second?.[1] ?? 0) ? first[0] : null;
}

/** A difference with its runs as letters, the surest first. */
export function differenceRows({ runs, differences }: Pick<Comparison, "runs" | "differences">) {
  const place = (id: number) => runs.findIndex((run) => run.id === id);
  return differences
    .map((difference) => ({ ...difference, letters: `${letterOf(place(difference.a))} − ${letterOf(place(difference.b))}` }))
    .sort((x, y) => (x.pvalue ?? 2) - (y.pvalue ?? 2));
}
