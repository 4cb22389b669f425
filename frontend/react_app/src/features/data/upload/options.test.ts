import { describe, expect, it } from "vitest";

import { checkOptions, DEFAULT_OPTIONS, NAMED, NONE, optionWords, toFields, universeNameOf } from "./options";

const file = (name: string) => ({ name });
const TODAY = "2026-01-05";

describe("the name of a new universe", () => {
  it.each([
    ["sp500_2011_2021.parquet", "sp500 2011 2021"],
    ["bars.csv.gz", "bars"],
    ["My  prices.CSV", "My prices"],
    [".csv", "Upload of 2026-01-05"],
  ])("%s → %s", (name, words) => {
    expect(universeNameOf([file(name)], TODAY)).toBe(words);
  });

  it("is the day's for several files", () => {
    expect(universeNameOf([file("KO.csv"), file("PEP.csv")], TODAY)).toBe("Upload of 2026-01-05");
  });
});

describe("the fields sent", () => {
  it("are few by default", () => {
    expect(toFields(DEFAULT_OPTIONS, [file("a.csv")], TODAY)).toEqual({ universe_name: "a", calendar: "XNYS" });
  });

  it("say what was chosen", () => {
    const options = {
      ...DEFAULT_OPTIONS,
      into: "7",
      symbol: " ko ",
      adjustment: "raw",
      date_order: "day_first",
      timezone: "Europe/Berlin",
      source: " broker ",
      decimal: ",",
    } as const;
    expect(toFields(options, [file("a.csv")], TODAY)).toEqual({
      universe: "7",
      symbol: "KO",
      adjustment: "raw",
      date_order: "day_first",
      timezone: "Europe/Berlin",
      source: "broker",
      calendar: "XNYS",
      decimal: ",",
    });
  });

  it("name no one symbol for several files, and no universe where none is wanted", () => {
    const options = { ...DEFAULT_OPTIONS, into: NONE, symbol: "KO" };
    expect(toFields(options, [file("a.csv"), file("b.csv")], TODAY)).toEqual({ calendar: "XNYS" });
  });
});

describe("the options", () => {
  it("need a name where a name was promised", () => {
    expect(checkOptions(DEFAULT_OPTIONS)).toEqual({});
    expect(Object.keys(checkOptions({ ...DEFAULT_OPTIONS, into: NAMED }))).toEqual(["universe_name"]);
    expect(Object.keys(checkOptions({ ...DEFAULT_OPTIONS, symbol: "a b", calendar: " " }))).toEqual(["symbol", "calendar"]);
  });

  it("fold into one line of words", () => {
    expect(optionWords(DEFAULT_OPTIONS, undefined)).toBe(
      "into a new universe named after the file, adjustment as the file says, calendar XNYS",
    );
    expect(optionWords({ ...DEFAULT_OPTIONS, into: "3", date_order: "day_first" }, "Mine")).toBe(
      "into “Mine”, adjustment as the file says, calendar XNYS, day first",
    );
  });
});
