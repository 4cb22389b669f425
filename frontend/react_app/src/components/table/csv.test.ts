import { describe, expect, it } from "vitest";

import { csvCell, toCsv, toJson } from "./csv";

describe("csvCell", () => {
  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "  =1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201"])("neutralises text that starts like a formula: %j", (text) => {
    expect(csvCell(text).replace(/^"/, "").startsWith("'")).toBe(true);
  });

  it("leaves numbers whole, negative ones too", () => {
    expect(csvCell(-3.3370000000000002)).toBe("-3.337");
    expect(csvCell(1e-9)).toBe("1e-9");
  });

  it("writes what is missing or not finite as nothing", () => {
    expect([null, undefined, Number.NaN, Infinity].map(csvCell)).toEqual(["", "", "", ""]);
  });

  it("quotes separators, quotes and line breaks", () => {
    expect(csvCell('a "b", c')).toBe('"a ""b"", c"');
    expect(csvCell("a\nb")).toBe('"a\nb"');
  });

  it("neutralises and quotes at once", () => {
    expect(csvCell('=HYPERLINK("x","y")')).toBe(`"'=HYPERLINK(""x"",""y"")"`);
  });
});

describe("toCsv", () => {
  it("neutralises headings too: some come from files people bring", () => {
    expect(toCsv(["=cmd|' /C calc'!A0"], [])).toBe("'=cmd|' /C calc'!A0\r\n");
  });

  it("puts the header first and ends every line", () => {
    expect(toCsv(["pair", "t"], [["KO / PEP", -2.5]])).toBe("pair,t\r\nKO / PEP,-2.5\r\n");
  });
});

describe("toJson", () => {
  it("keeps numbers numbers and words as they are, and has null where there is none", () => {
    const text = toJson(["pair", "t", "q"], [["=KO / PEP", -2.5, null], ["A / B", NaN, undefined]]);
    expect(JSON.parse(text)).toEqual([
      { pair: "=KO / PEP", t: -2.5, q: null },
      { pair: "A / B", t: null, q: null },
    ]);
    expect(text.split("\n")).toHaveLength(5);
  });

  it("is a list without rows too", () => {
    expect(JSON.parse(toJson(["pair"], []))).toEqual([]);
  });
});
