import { describe, expect, it } from "vitest";

import { makePreferences } from "@/testing/fixtures";

import { changedPreferences, checkPreferences, toForm } from "./preferencesForm";

const before = makePreferences();
const form = toForm(before);

describe("preferences as a form", () => {
  it("go out as they came in: nothing changed, nothing to send", () => {
    expect(checkPreferences(form)).toEqual({});
    expect(changedPreferences(form, before)).toEqual({});
  });

  it("send what changed, percentages as shares and currencies in capitals", () => {
    const typed = { ...form, alpha: "1", risk_per_trade: "0,5", base_currency: "eur", default_universe: "7", exit_z: "−0.5" };
    expect(changedPreferences(typed, before)).toEqual({
      alpha: 0.01,
      risk_per_trade: 0.005,
      base_currency: "EUR",
      default_universe: 7,
      exit_z: -0.5,
    });
  });

  it("refuse what the server would, at its field", () => {
    const wrong = { ...form, timezone: "Mars/Olympus", alpha: "60", capital: "1e6", gross_limit: "", base_currency: "EURO" };
    expect(Object.keys(checkPreferences(wrong)).sort()).toEqual([
      "alpha",
      "base_currency",
      "capital",
      "gross_limit",
      "timezone",
    ]);
    expect(checkPreferences({ ...form, entry_z: "1", exit_z: "1" }).exit_z).toBe("Must be below the entry at 1.");
  });
});
