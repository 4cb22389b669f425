export { CancelJob, JobProgress } from "./JobProgress";
export { useElapsed } from "./useElapsed";
