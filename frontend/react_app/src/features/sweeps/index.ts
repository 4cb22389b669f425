export { SweepPage } from "./components/SweepPage";
export { SweepsPage } from "./components/SweepsPage";
