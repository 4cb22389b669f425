export { WalkForwardPage } from "./components/WalkForwardPage";
export { WalkForwardsPage } from "./components/WalkForwardsPage";
