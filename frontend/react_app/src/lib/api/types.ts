/** The records of the REST interface (`/api/v1/`), as the contract names them. */

export interface Page<T> {
  count: number;
  next: string | null;
  previous: string | null;
  results: T[];
}

export type Timeframe = string;
export type JobStatus = "PENDING" | "RUNNING" | "COMPLETED" | "FAILED" | "ERRORED" | "CANCELLED";

export interface Preferences {
  theme: "system" | "light" | "dark";
  timezone: string;
  default_universe: number | null;
  default_timeframe: Timeframe;
  scan_window_years: number;
  min_overlap: number;
  alpha: number;
}

export interface Me {
  id: number;
  username: string;
  email: string;
  first_name: string;
  last_name: string;
  roles: string[];
  permissions: string[];
  preferences: Preferences;
}

export interface Coverage {
  first: string | null;
  last: string | null;
  n_bars: number;
  source?: string;
  adjustment?: string;
}

export interface Listing {
  id: number;
  ticker: string;
  name: string;
  sector: string;
}

export interface Symbol extends Listing {
  exchange: string;
  currency: string;
  asset_class: string;
  is_active: boolean;
  coverage: Coverage | null;
}

export interface Prices {
  symbol: string;
  timeframe: Timeframe;
  source: string;
  adjustment: string;
  timestamps: string[];
  open: (number | null)[] | null;
  high: (number | null)[] | null;
  low: (number | null)[] | null;
  close: (number | null)[];
  volume: (number | null)[] | null;
}

export interface PlantedPair {
  symbol_1: string;
  symbol_2: string;
  kind: "cointegrated" | "breaking";
  hedge_ratio: number;
  half_life: number | null;
  break_at: string | null;
}

export interface Universe {
  id: number;
  name: string;
  slug: string;
  description: string;
  source: "demo" | "synthetic" | "user";
  n_symbols: number;
  coverage: Coverage | null;
}

export interface UniverseDetail extends Universe {
  symbols: (Listing & { coverage: Coverage | null })[];
  planted: PlantedPair[];
}

export interface Job {
  id: number;
  kind: string;
  status: JobStatus;
  /** 0 to 1. */
  progress: number;
  stage: string;
  message: string;
  error: string;
  attempt: number;
  cancel_requested: boolean;
  subject: { type: string; id: number | null } | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  elapsed_seconds: number | null;
  eta_seconds: number | null;
}

export type Trend = "n" | "c" | "ct" | "ctt";
export type Autolag = "aic" | "bic" | "t-stat";

export interface ScanParameters {
  trend: Trend;
  autolag: Autolag | null;
  max_lag: number | null;
  fdr: "by" | "bh";
  alpha: number;
  min_overlap: number;
  within_sectors: boolean;
}

export interface ScanRequest extends Partial<ScanParameters> {
  universe?: number;
  symbols?: string[];
  start_date?: string | null;
  end_date?: string | null;
  timeframe?: Timeframe;
}

export interface Scan {
  id: number;
  universe: { id: number; name: string; source: Universe["source"] } | null;
  symbols: string[];
  parameters: ScanParameters;
  timeframe: Timeframe;
  start_date: string | null;
  end_date: string | null;
  n_symbols: number;
  n_tests: number;
  n_skipped: number;
  n_discoveries: number;
  n_nominal: number;
  expected_by_chance: number;
  reasons: { reason: string; count: number; message: string }[];
  truth: { n_planted: number; n_found: number; n_false: number } | null;
  data_changed: boolean | null;
  manifest: { panel_hash: string; engine_version: string } | null;
  created_at: string;
  completed_at: string | null;
  job: Job | null;
}

export interface ScanCandidate {
  /** Null where the pair is not kept as a row. */
  id: number | null;
  rank: number;
  symbol_1: string;
  symbol_2: string;
  name_1: string;
  name_2: string;
  sector_1: string;
  sector_2: string;
  statistic: number;
  pvalue: number;
  hypothesis_pvalue: number;
  qvalue: number;
  lag: number;
  hedge_ratio: number;
  intercept: number;
  correlation: number;
  half_life: number | null;
  n_obs: number;
  is_discovery: boolean;
  planted: "cointegrated" | "breaking" | null;
  pair_id: number | null;
  sparkline: (number | null)[];
}

export interface SkippedPair {
  symbol_1: string;
  symbol_2: string;
  reason: string;
  message: string;
}

export interface PairSeries {
  timestamps: string[];
  price_1: (number | null)[];
  price_2: (number | null)[];
  spread: (number | null)[];
  z_score: (number | null)[];
  in_sample: boolean[];
}

export interface AnalyzeRequest {
  symbol_1: string;
  symbol_2: string;
  start_date?: string | null;
  end_date?: string | null;
  timeframe?: Timeframe;
  min_correlation?: number;
  significance_level?: number;
  window?: number;
  trend?: Trend;
}

/** A pair to register; its statistics are computed by the server. */
export interface PairRequest {
  symbol_1: string;
  symbol_2: string;
  start_date?: string | null;
  end_date?: string | null;
  timeframe?: Timeframe;
  trend?: Trend;
}

export interface Analysis {
  symbol_1: Omit<Listing, "id">;
  symbol_2: Omit<Listing, "id">;
  pair_id: number | null;
  timeframe: Timeframe;
  start_date: string;
  end_date: string;
  trend: Trend;
  scale: string;
  statistic: number;
  pvalue: number;
  critical_values: Record<"1%" | "5%" | "10%", number>;
  lag: number;
  hedge_ratio: number;
  intercept: number;
  correlation: number;
  half_life: number | null;
  n_obs: number;
  reverse: { statistic: number; pvalue: number; hedge_ratio: number };
  hypothesis_pvalue: number;
  is_cointegrated: boolean;
  passes_correlation: boolean;
  verdict: string;
  source: string;
  adjustment: string;
  last_timestamp: string;
  series: PairSeries;
}

export interface Pair {
  id: number;
  symbol_1: Listing;
  symbol_2: Listing;
  timeframe: Timeframe;
  cointegration_pvalue: number;
  qvalue: number | null;
  statistic: number;
  half_life: number | null;
  correlation: number;
  hedge_ratio: number;
  intercept: number;
  stability_score: number | null;
  fit_start: string;
  fit_end: string;
  scan: number | null;
  created_at: string;
  is_active: boolean;
}

export interface Spread extends PairSeries {
  mean: (number | null)[];
  std: (number | null)[];
  hedge_ratio: number;
  intercept: number;
  window: number;
  fit_start: string;
  fit_end: string;
}

export interface StreamEvent<T = unknown> {
  stream: string;
  seq: number;
  type: string;
  timestamp: string;
  data: T;
}
