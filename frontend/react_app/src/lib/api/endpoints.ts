import { checkedFetch } from "./http";
import type {
  Analysis,
  AnalyzeRequest,
  Job,
  Me,
  Page,
  Pair,
  PairRequest,
  Preferences,
  Prices,
  Scan,
  ScanCandidate,
  ScanRequest,
  SkippedPair,
  Spread,
  StreamEvent,
  Symbol,
  Universe,
  UniverseDetail,
} from "./types";

type Query = Record<string, string | number | boolean | null | undefined>;

interface Call {
  query?: Query;
  signal?: AbortSignal;
}

interface ById extends Call {
  path: { id: number };
}

function address(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `/api/v1/${path}${search ? `?${search}` : ""}`;
}

async function read<T>(path: string, { query, signal }: Call = {}): Promise<T> {
  const response = await checkedFetch(address(path, query), {
    headers: { Accept: "application/json" },
    signal: signal ?? null,
  });
  return (await response.json()) as T;
}

async function send<T>(method: "POST" | "PATCH", path: string, body?: unknown): Promise<T> {
  const response = await checkedFetch(address(path), {
    method,
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    body: JSON.stringify(body ?? {}),
  });
  return (await response.json()) as T;
}

export const authMeRetrieve = (call?: Call) => read<Me>("auth/me/", call);
export const authMePartialUpdate = (call: { body: { preferences?: Partial<Preferences> } }) =>
  send<Me>("PATCH", "auth/me/", call.body);
export const authWsTicketCreate = () => send<{ ticket: string; expires_in: number }>("POST", "auth/ws-ticket/");

export const symbolsList = (call?: Call) => read<Page<Symbol>>("symbols/", call);
export const symbolsPricesRetrieve = ({ path, ...call }: ById) => read<Prices>(`symbols/${path.id}/prices/`, call);

export const universesList = (call?: Call) => read<Page<Universe>>("universes/", call);
export const universesRetrieve = ({ path, ...call }: ById) => read<UniverseDetail>(`universes/${path.id}/`, call);

export const scansList = (call?: Call) => read<Page<Scan>>("scans/", call);
export const scansCreate = (call: { body: ScanRequest }) => send<Scan>("POST", "scans/", call.body);
export const scansRetrieve = ({ path, ...call }: ById) => read<Scan>(`scans/${path.id}/`, call);
export const scansCandidatesList = ({ path, ...call }: ById) =>
  read<Page<ScanCandidate>>(`scans/${path.id}/candidates/`, call);
export const scansSkippedList = ({ path, ...call }: ById) =>
  read<Page<SkippedPair>>(`scans/${path.id}/skipped/`, call);
export const scansPromoteCreate = (call: { path: { id: number }; body: { candidates: number[] } }) =>
  send<{ promoted: Pair[]; refused: { candidate: number; reason: string }[] }>(
    "POST",
    `scans/${call.path.id}/promote/`,
    call.body,
  );

export const pairsList = (call?: Call) => read<Page<Pair>>("pairs/", call);
export const pairsRetrieve = ({ path, ...call }: ById) => read<Pair>(`pairs/${path.id}/`, call);
export const pairsCreate = (call: { body: PairRequest }) => send<Pair>("POST", "pairs/", call.body);
export const pairsAnalyzeCreate = (call: { body: AnalyzeRequest }) =>
  send<Analysis>("POST", "pairs/analyze/", call.body);
export const pairsSpreadRetrieve = ({ path, ...call }: ById) => read<Spread>(`pairs/${path.id}/spread/`, call);

export const jobsList = (call?: Call) => read<Page<Job>>("jobs/", call);
export const jobsRetrieve = ({ path, ...call }: ById) => read<Job>(`jobs/${path.id}/`, call);
export const jobsCancelCreate = (call: { path: { id: number } }) => send<Job>("POST", `jobs/${call.path.id}/cancel/`);

export const eventsList = (call: Call) => read<{ results: StreamEvent[]; last_seq: number }>("events/", call);
