import { act, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";

import { displayZone } from "@/lib/displayZone";
import { renderInApp } from "@/testing/render";

import { Instant } from ".";

afterEach(() => displayZone.set("UTC"));

describe("an instant on screen", () => {
  it("follows the zone chosen, also while it is shown, and says it", () => {
    renderInApp(<Instant at="2026-07-01T02:30:00Z" />);
    const time = screen.getByRole("time");
    expect(time).toHaveTextContent("2026-07-01 02:30 UTC");
    act(() => displayZone.set("America/New_York"));
    expect(time).toHaveTextContent("2026-06-30 22:30 EDT");
    expect(time).toHaveAttribute("datetime", "2026-07-01T02:30:00Z");
    expect(time.title).toContain("UTC: 2026-07-01 02:30 UTC\nExchange: 2026-06-30 22:30 EDT");
  });

  it("falls back to UTC for a zone nobody knows, and to words where there is no instant", () => {
    displayZone.set("Mars/Olympus");
    renderInApp(<Instant at="2026-01-01T00:00:00Z" />);
    expect(screen.getByRole("time")).toHaveTextContent("UTC");
    const { container } = renderInApp(<Instant at={null} none="never" />);
    expect(container).toHaveTextContent("never");
  });
});
