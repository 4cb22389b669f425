export { EmptyState } from "./EmptyState";
export { ErrorNotice } from "./ErrorNotice";
export { Forbidden } from "./Forbidden";
export { SkeletonBlock, SkeletonRows } from "./Skeleton";
