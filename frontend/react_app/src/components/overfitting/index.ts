export { OverfittingPanel } from "./OverfittingPanel";
export { barsAYear, type Judged } from "./words";
