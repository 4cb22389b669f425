import "./client";

export { ApiError, asApiError } from "./errors";
export * from "./generated/sdk.gen";
export type * from "./generated/types.gen";
export { download, openFetch } from "./http";
export { upload, type UploadWatch } from "./upload";
export { followOtherTabs, session, type SessionStatus } from "./session";

/** A page of a list, as every list of the interface answers. */
export interface Page<T> {
  count: number;
  next?: string | null;
  previous?: string | null;
  results: T[];
}
