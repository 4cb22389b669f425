export { Instant } from "./Instant";
