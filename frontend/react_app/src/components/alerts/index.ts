export { AlertLines } from "./AlertLines";
export { SeverityMark } from "./SeverityMark";
