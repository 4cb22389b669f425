/** Geometry of a sparkline: values to an SVG path, gaps kept as gaps. */

export interface Extent {
  readonly min: number;
  readonly max: number;
}

/** Smallest and largest finite value, or null where there is none. */
export function extentOf(values: readonly (number | null)[]): Extent | null {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? { min, max } : null;
}

/**
 * SVG path through the values, drawn into a width × height box with a margin for the stroke.
 * A constant series runs through the middle; a null starts a new stroke.
 */
export function sparklinePath(
  values: readonly (number | null)[],
  width: number,
  height: number,
  extent: Extent | null = extentOf(values),
): string {
  if (extent === null || values.length < 2) return "";
  const margin = 1.5;
  const step = (width - 2 * margin) / (values.length - 1);
  const span = extent.max - extent.min;
  const path: string[] = [];
  let penDown = false;
  values.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) {
      penDown = false;
      return;
    }
    const share = span > 0 ? (value - extent.min) / span : 0.5;
    const x = margin + index * step;
    const y = height - margin - share * (height - 2 * margin);
    path.push(`${penDown ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`);
    penDown = true;
  });
  return path.join("");
}
