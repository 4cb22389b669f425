import { afterEach, expect, it, vi } from "vitest";

import { renderInApp } from "@/testing/render";

import { schemes, type Tokens } from "./tokens";
import { useTokens } from "./useTokens";

afterEach(() => vi.unstubAllGlobals());

it("has the system's scheme from the first render on, for canvases keep what they were made with", () => {
  const listen = () => undefined;
  vi.stubGlobal("matchMedia", (media: string) => ({
    matches: media.includes("dark"),
    media,
    addEventListener: listen,
    removeEventListener: listen,
  }));
  const seen: Tokens[] = [];
  const Reader = () => {
    seen.push(useTokens());
    return null;
  };
  renderInApp(<Reader />, undefined, "auto");
  expect(new Set(seen)).toEqual(new Set([schemes.dark]));
});
