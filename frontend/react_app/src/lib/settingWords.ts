/** Settings of a rule as people name them. */
const SETTINGS: Readonly<Record<string, string>> = {
  window: "window",
  entry_z: "entry",
  exit_z: "exit",
  stop_z: "stop",
  stop_loss: "stop-loss",
  take_profit: "take-profit",
  time_stop: "time stop",
  cooldown: "cooldown",
};

export const settingWords = (name: string): string => SETTINGS[name] ?? name.replaceAll("_", " ");

export const settingValue = (value: number | null | undefined): string =>
  value === null || value === undefined ? "off" : String(Number(value.toPrecision(4))).replace("-", "−");

/** "entry 2, window 60". */
export function parameterWords(parameters: Readonly<Record<string, number | null>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${settingWords(name)} ${settingValue(value)}`)
    .join(", ");
}

/** Settings as an address holds them: "entry_z:2,stop_z:off". */
export function settingsText(parameters: Readonly<Record<string, number | null>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}:${value ?? "off"}`)
    .join(",");
}

/** Reads them back; what is no setting and value is dropped. */
export function parseSettings(text: string | undefined): Record<string, number | null> {
  const found: Record<string, number | null> = {};
  for (const part of (text ?? "").split(",")) {
    const [name = "", value = ""] = part.split(":");
    if (!/^[a-z_]{1,40}$/.test(name)) continue;
    if (value === "off") found[name] = null;
    else if (value !== "" && Number.isFinite(Number(value))) found[name] = Number(value);
  }
  return found;
}
