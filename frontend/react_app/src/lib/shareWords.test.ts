import { describe, expect, it } from "vitest";

import { makeShare } from "@/testing/deskFixtures";

import { isOpen, shareHref, stateOf } from "./shareWords";

describe("a link", () => {
  const now = new Date("2026-03-01T00:00:00Z");

  it("is open until it ends or is taken back", () => {
    expect(stateOf(makeShare(), now)).toBe("open");
    expect(stateOf(makeShare({ expires_at: "2026-02-28T00:00:00Z" }), now)).toBe("expired");
    expect(stateOf(makeShare({ expires_at: "2026-02-28T00:00:00Z", revoked_at: "2026-02-01T00:00:00Z" }), now)).toBe("revoked");
    expect(isOpen(makeShare({ revoked_at: "2026-02-01T00:00:00Z" }), now)).toBe(false);
  });

  it("leads its owner to the page of what it shows, where an address tells it", () => {
    expect(shareHref(makeShare())).toBe("/pair-finder?scan=4");
    expect(shareHref(makeShare({ kind: "pair" }))).toBeNull();
  });
});
