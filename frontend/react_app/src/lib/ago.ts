const STEPS: readonly [seconds: number, unit: string][] = [
  [86_400, "day"],
  [3_600, "h"],
  [60, "min"],
];

/** How long ago something was: "just now", "5 min ago", "3 h ago", "2 days ago". */
export function agoWords(timestamp: string, now: Date = new Date()): string {
  const elapsed = (now.getTime() - new Date(timestamp).getTime()) / 1000;
  if (Number.isNaN(elapsed)) return "";
  for (const [seconds, unit] of STEPS) {
    const count = Math.floor(elapsed / seconds);
    if (count < 1) continue;
    return `${count} ${unit}${unit === "day" && count > 1 ? "s" : ""} ago`;
  }
  return "just now";
}

/** How long until something: "in 6 days", "in 3 h", "in less than a minute". */
export function untilWords(timestamp: string, now: Date = new Date()): string {
  const left = (new Date(timestamp).getTime() - now.getTime()) / 1000;
  for (const [seconds, unit] of STEPS) {
    const count = Math.floor(left / seconds);
    if (count >= 1) return `in ${count} ${unit}${unit === "day" && count > 1 ? "s" : ""}`;
  }
  return left > 0 ? "in less than a minute" : "over";
}
