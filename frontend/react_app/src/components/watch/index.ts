export { WatchStar } from "./WatchStar";
