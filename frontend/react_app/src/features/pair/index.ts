export { PairPage } from "./components/PairPage";
export { parsePairSearch, type PairSearch } from "./search";
