import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { renderInApp } from "@/testing/render";

import { CostBars, equityStack, MetricList, MonthlyTable, type Costs, type Metric } from ".";
import { costLines } from "./costLines";
import { metricGroups, metricValue, ratioWords } from "./metricWords";
import { tint } from "./MonthlyTable";

const costs: Costs = { gross_pnl: 1000, commission: 50, spread_cost: 100, impact: 0, borrow: 20, financing: 0, legging: 0, dividends: 0, net_pnl: 830 };
const metric = (given: Partial<Metric>): Metric => ({ value: 1, standard_error: null, n: 10, title: "T", unit: "ratio", formula: "f", counts: "bars", ...given });

describe("where the profit went", () => {
  it("runs from gross over the largest cost to net, on one scale", () => {
    expect(costLines(costs).map(({ id, amount, width }) => [id, amount, width])).toEqual([
      ["gross_pnl", 1000, 1],
      ["spread_cost", -100, 0.1],
      ["commission", -50, 0.05],
      ["borrow", -20, 0.02],
      ["impact", 0, 0],
      ["financing", 0, 0],
      ["legging", 0, 0],
      ["net_pnl", 830, 0.83],
    ]);
    expect(costLines({ ...costs, gross_pnl: -5 }).every(({ share }) => share === null)).toBe(true);
  });

  it("says each amount beside its bar", () => {
    renderInApp(<CostBars costs={costs} />);
    const row = screen.getByRole("row", { name: /Half-spreads/ });
    expect(row).toHaveTextContent("−100");
    expect(row).toHaveTextContent("10.0 %");
  });
});

describe("figures", () => {
  it("are written by their unit", () => {
    expect(metricValue(0.1234, "fraction")).toBe("12.3 %");
    expect(metricValue(1234.5, "money")).toBe("1,235");
    expect(metricValue(-12.345, "money")).toBe("−12.35");
    expect(metricValue(null, "ratio")).toBe("–");
    expect(metricValue(41, "ratio", "n_trades")).toBe("41");
    expect(ratioWords({ value: 0.84, standard_error: 0.31 })).toBe("+0.84 ± 0.31");
  });

  it("stand in groups with their sample; new ones come last", () => {
    const groups = metricGroups({ sharpe_ratio: metric({ standard_error: 0.3 }), brand_new: metric({ counts: "trades" }) });
    expect(groups.map(({ title }) => title)).toEqual(["Return for risk", "Further"]);
    expect(groups[0]?.lines[0]).toMatchObject({ error: "± 0.30", sample: "10 bars" });
    expect(groups[1]?.lines[0]?.sample).toBe("10 trades");
  });

  it("explain themselves on focus", async () => {
    renderInApp(<MetricList metrics={{ sharpe_ratio: metric({ title: "Sharpe ratio", formula: "mean / deviation" }) }} />);
    screen.getByRole("button", { name: "Sharpe ratio" }).focus();
    const tip = await screen.findByRole("tooltip");
    expect(tip).toHaveTextContent("Return for each unit of risk");
    expect(tip).toHaveTextContent("Formula: mean / deviation");
    expect(tip).toHaveTextContent("Sample: 10 bars");
  });
});

describe("months", () => {
  it("stand by year with their sign said", () => {
    renderInApp(<MonthlyTable monthly={{ years: [2020], months: [[0.02, -0.01, null, ...Array<null>(9).fill(null)]], totals: [0.0098] }} />);
    const row = screen.getByRole("row", { name: /2020/ });
    expect(within(row).getAllByRole("cell").map((cell) => cell.textContent)).toEqual(["+2.0", "−1.0", ...Array<string>(10).fill(""), "+1.0"]);
    expect([tint(-0.01, 0.02), tint(null, 1), tint(1, 0)]).toEqual([0.5, 0, 0]);
  });
});

describe("the account's panes", () => {
  it("hang the drawdown from zero and leave out what is not known", () => {
    const stack = equityStack({ timestamps: ["a", "b"], equity: [1, 2], drawdown: [0, 0.1], rolling_beta: [null, null] });
    expect(stack.panes.map(({ id }) => id)).toEqual(["equity", "drawdown"]);
    expect(stack.panes[1]?.lines[0]?.values).toEqual([0, -0.1]);
    const full = equityStack({ timestamps: ["a"], equity: [1], drawdown: [0], rolling_sharpe: [1], rolling_beta: [0.1], benchmark: [1] }, { withBenchmark: true });
    expect(full.panes.map(({ id }) => id)).toEqual(["equity", "drawdown", "rolling_sharpe", "rolling_beta"]);
    expect(full.panes[0]?.lines.map(({ id }) => id)).toEqual(["equity", "benchmark"]);
    expect(equityStack({ timestamps: ["a"], equity: [1], drawdown: [0], benchmark: [1] }).panes[0]?.lines).toHaveLength(1);
  });
});
