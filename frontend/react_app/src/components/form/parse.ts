/** A whole number typed in a field, or null. */
export function wholeNumber(value: string): number | null {
  return /^\d+$/.test(value.trim()) ? Number(value.trim()) : null;
}

/** A decimal typed in a field (comma or point), or null. */
export function decimal(value: string): number | null {
  const normal = value.trim().replace("−", "-").replace(",", ".");
  return /^-?(\d+\.?\d*|\.\d+)$/.test(normal) ? Number(normal) : null;
}

/** A share as the percentage a field holds: 0.05 → "5". */
export function percentText(share: number): string {
  return String(Number((share * 100).toPrecision(6)));
}

/** The share of a percentage typed in a field: "5" → 0.05, or null. */
export function shareOf(value: string): number | null {
  const percent = decimal(value);
  return percent === null ? null : Number((percent / 100).toPrecision(10));
}

/** Whether a date field's text is a day, `YYYY-MM-DD`. */
export function isDay(value: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(`${value}T00:00:00Z`));
}
