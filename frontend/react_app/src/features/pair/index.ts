export { PairPage } from "./components/PairPage";
export { SharedPair } from "./components/SharedPair";
export { parsePairSearch, type PairSearch } from "./search";
