import { describe, expect, it } from "vitest";

import { schemes, type Scheme } from "./tokens";

/** Relative luminance (WCAG 2.2). */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

describe.each<Scheme>(["light", "dark"])("the %s scheme", (scheme) => {
  const tokens = schemes[scheme];
  const grounds = ["page", "surface", "sunken", "hover", "selected"] as const;
  const texts = ["text", "muted", "accent", "positive", "negative", "danger", "warning"] as const;

  it.each(texts.flatMap((text) => grounds.map((ground) => [text, ground] as const)))(
    "shows %s on %s with 4.5:1",
    (text, ground) => {
      expect(contrast(tokens[text], tokens[ground])).toBeGreaterThanOrEqual(4.5);
    },
  );

  it("shows notices and buttons with 4.5:1", () => {
    expect(contrast(tokens.text, tokens.dangerSurface)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(tokens.muted, tokens.dangerSurface)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(tokens.warning, tokens.warningSurface)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(tokens.accentText, tokens.accent)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(tokens.accentText, tokens.accentHover)).toBeGreaterThanOrEqual(4.5);
  });

  it("marks controls, the focus and drawn lines with 3:1", () => {
    const { chart } = tokens;
    for (const ground of [tokens.page, tokens.surface]) {
      expect(contrast(tokens.control, ground)).toBeGreaterThanOrEqual(3);
      expect(contrast(tokens.focus, ground)).toBeGreaterThanOrEqual(3);
    }
    for (const line of [chart.leg1, chart.leg2, chart.spread, chart.zScore, chart.positive, chart.negative, ...chart.series]) {
      expect(contrast(line, chart.background)).toBeGreaterThanOrEqual(3);
    }
    expect(contrast(chart.text, chart.background)).toBeGreaterThanOrEqual(4.5);
  });

  it("gives neighbours in a chart different colours", () => {
    expect(new Set(tokens.chart.series).size).toBe(tokens.chart.series.length);
  });
});
