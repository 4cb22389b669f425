export { EmptyState } from "./EmptyState";
export { ErrorNotice } from "./ErrorNotice";
export { SkeletonBlock, SkeletonRows } from "./Skeleton";
