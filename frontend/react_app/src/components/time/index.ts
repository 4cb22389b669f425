export { Ago } from "./Ago";
export { Instant } from "./Instant";
