import { describe, expect, it } from "vitest";

import { asksDateOrder, cellsWords, columnWords, plainMessage, reasonWords, reportSentence, rowDay } from "./words";

const report = { rows_read: 10, stored: 8, changed: 0, unchanged: 0, quarantined: 2, n_symbols: 1 };

describe("the sentence of a report", () => {
  it("says what was stored and what was not", () => {
    expect(reportSentence(report)).toBe("8 bars of 1 symbol stored; 2 rows were set aside.");
    expect(reportSentence({ ...report, changed: 3, quarantined: 1, n_symbols: 4 })).toBe(
      "8 bars of 4 symbols stored, 3 changed; 1 row was set aside.",
    );
  });

  it("says that a second time changed nothing, and that nothing was there", () => {
    expect(reportSentence({ ...report, stored: 0, unchanged: 10, quarantined: 0 })).toBe(
      "All 10 bars of 1 symbol were here already, with the same values: nothing changed.",
    );
    expect(reportSentence({ ...report, rows_read: 0 })).toBe("The file has no rows.");
  });
});

describe("the words of a report", () => {
  it("name reasons, also ones not known here", () => {
    expect([reasonWords("high_below_low"), reasonWords("brand_new")]).toEqual(["High below low", "Brand new"]);
  });

  it("say what columns were taken for", () => {
    expect(columnWords({ timestamp: "Date", close: "Adj Close", volume: "Volume" })).toEqual([
      "date",
      "close ← Adj Close",
      "volume",
    ]);
  });

  it("give a row's cells back", () => {
    expect(cellsWords({ close: 0, volume: -5, open: null, note: "" })).toBe("close 0 · volume -5");
  });

  it("say of a row what its columns do not", () => {
    expect(plainMessage("row 4, XAA 2020-01-06: high 9 is below low 11.")).toBe("High 9 is below low 11.");
    expect(plainMessage("row 1,234: 'nonsense' is no date.")).toBe("'nonsense' is no date.");
    expect(plainMessage("Sessions are missing.")).toBe("Sessions are missing.");
  });

  it("give a row's own day", () => {
    expect([rowDay("2020-01-06T00:00:00Z"), rowDay("2020-01-06T21:00:00Z"), rowDay("2020-01-07T01:00:00Z"), rowDay(null)]).toEqual([
      "2020-01-06",
      "2020-01-06",
      "2020-01-06",
      "–",
    ]);
  });

  it("know a question about dates", () => {
    expect(asksDateOrder("Dates such as 03/04/2021 are ambiguous: say date_order.")).toBe(true);
    expect(asksDateOrder("The file is empty.")).toBe(false);
  });
});
