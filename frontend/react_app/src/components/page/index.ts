export { Page } from "./Page";
export { Pager } from "./Pager";
