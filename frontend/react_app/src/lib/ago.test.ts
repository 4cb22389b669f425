import { describe, expect, it } from "vitest";

import { agoWords, untilWords } from "./ago";

const now = new Date("2026-03-10T12:00:00Z");

describe("time gone and time left", () => {
  it("are said in one unit", () => {
    const said = ["2026-03-10T11:59:30Z", "2026-03-10T11:55:00Z", "2026-03-10T09:00:00Z", "2026-03-08T11:00:00Z"];
    expect(said.map((each) => agoWords(each, now))).toEqual(["just now", "5 min ago", "3 h ago", "2 days ago"]);
    const ahead = ["2026-03-17T12:30:00Z", "2026-03-11T12:00:00Z", "2026-03-10T14:10:00Z", "2026-03-10T12:00:20Z"];
    expect(ahead.map((each) => untilWords(each, now))).toEqual(["in 7 days", "in 1 day", "in 2 h", "in less than a minute"]);
    expect(untilWords("2026-03-10T11:00:00Z", now)).toBe("over");
  });

  it("bear a clock that runs ahead of the server's, and nonsense", () => {
    expect(agoWords("2026-03-10T12:00:05Z", now)).toBe("just now");
    expect(agoWords("soon", now)).toBe("");
  });
});
