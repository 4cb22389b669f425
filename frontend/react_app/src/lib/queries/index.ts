export { ingestionsQuery } from "./ingestions";
export { isOver, jobOf, JOBS_PAGE_SIZE, jobQuery, jobsQuery, putJob, type JobFilters } from "./jobs";
export { meQuery, useMay, useMe } from "./me";
export { pricesQuery, refreshPrices, symbolsQuery, universeQuery, universesQuery } from "./reference";
export { scanQuery, scansQuery } from "./scans";
