export { BacktestsPage } from "./components/BacktestsPage";
export { ComparePage } from "./components/ComparePage";
export { NewBacktestPage } from "./components/NewBacktestPage";
export { RunPage } from "./components/RunPage";
export { SharedRun } from "./components/SharedRun";
