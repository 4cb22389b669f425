export { PairFinderPage } from "./components/PairFinderPage";
export { SharedScan } from "./components/SharedScan";
export { parsePairFinderSearch, type PairFinderSearch } from "./search";
