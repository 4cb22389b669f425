export { OverfittingPanel } from "./OverfittingPanel";
export { type Judged } from "./words";
