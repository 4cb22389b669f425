export { SharedPage } from "./components/SharedPage";
export { SharesPage } from "./components/SharesPage";
