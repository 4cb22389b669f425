export * from "./endpoints";
export { ApiError, asApiError } from "./errors";
export { download } from "./http";
export { session, followOtherTabs, type SessionStatus } from "./session";
export type * from "./types";
