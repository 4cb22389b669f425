export { CostBars } from "./CostBars";
export type { Costs } from "./costLines";
export { EQUITY_LINE, equityStack, type EquityColumns } from "./equityStack";
export { MetricList } from "./MetricList";
export { metricValue, ratioWords, type Metric } from "./metricWords";
export { MonthlyTable, type Monthly } from "./MonthlyTable";
