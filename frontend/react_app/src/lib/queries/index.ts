export { layoutsQuery, useLayoutChanges } from "./layouts";
export {
  alertOf,
  alertQuery,
  ALERTS_PAGE_SIZE,
  alertsQuery,
  alertSummaryQuery,
  openAlertsQuery,
  putAlert,
  useAcknowledge,
  type AlertFilters,
} from "./alerts";
export {
  backtestEquityQuery,
  backtestQuery,
  backtestResultsQuery,
  backtestsQuery,
  costModelsQuery,
  rulesQuery,
} from "./backtests";
export { ingestionsQuery } from "./ingestions";
export { isOver, jobOf, JOBS_PAGE_SIZE, jobQuery, jobsQuery, putJob, type JobFilters } from "./jobs";
export { meQuery, useMay, useMe, useSavePreferences } from "./me";
export { pricesQuery, refreshPrices, symbolsQuery, universeQuery, universesQuery } from "./reference";
export { scanQuery, scansQuery } from "./scans";
export { sharesQuery, useCreateShare, useRevokeShare } from "./shares";
export {
  combinationQuery,
  combinationsQuery,
  refreshSweep,
  surfaceQuery,
  sweepQuery,
  sweepsQuery,
  type SurfaceAsked,
} from "./sweeps";
export { pairQuery, useIsWatched, useSetWatched, watchedQuery } from "./watched";
export { queuesQuery, workersQuery } from "./workers";
export {
  refreshWalkForward,
  walkForwardEquityQuery,
  walkForwardQuery,
  walkForwardResultsQuery,
  walkForwardsQuery,
  walkForwardWindowsQuery,
} from "./walkForwards";
export { pairSignalsQuery, putSignal, signalOf, useRefreshSignals, withSignal } from "./signals";
