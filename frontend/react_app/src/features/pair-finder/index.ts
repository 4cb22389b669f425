export { PairFinderPage } from "./components/PairFinderPage";
export { parsePairFinderSearch, type PairFinderSearch } from "./search";
