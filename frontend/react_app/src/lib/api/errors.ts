/** What the server (or the way to it) refused, in a shape every screen can show. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly code: string;
  /** Messages by field of the request, for the form that sent it. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  /** Names the request in the server's log. */
  readonly requestId: string | null;

  constructor(given: {
    status: number;
    code: string;
    message: string;
    fields?: Record<string, readonly string[]>;
    requestId?: string | null;
  }) {
    super(given.message);
    this.status = given.status;
    this.code = given.code;
    this.fields = given.fields ?? {};
    this.requestId = given.requestId ?? null;
  }
}

const WORDS: Record<number, string> = {
  400: "The request was not understood.",
  401: "Your session has ended. Log in again.",
  403: "Your role does not allow this. Ask an administrator for the permission.",
  404: "There is nothing here, or it is not yours to see.",
  409: "Someone changed this at the same time. Reload and try again.",
  413: "What was sent is too large.",
  429: "Too many requests. Wait a moment and try again.",
  502: "The server is not answering. Try again in a moment.",
  503: "The server is busy or starting. Try again in a moment.",
  504: "The server took too long to answer. Try again in a moment.",
};

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldMessages(value: unknown): Record<string, string[]> {
  if (!isRecord(value)) return {};
  const found: Record<string, string[]> = {};
  for (const [field, messages] of Object.entries(value)) {
    const list = Array.isArray(messages) ? messages : [messages];
    found[field] = list.map((each) => (typeof each === "string" ? each : JSON.stringify(each)));
  }
  return found;
}

/** The error in an answer's body; a proxy's HTML page or an empty body still gives words. */
export function errorFromBody(status: number, body: unknown, headerRequestId: string | null): ApiError {
  const inner = isRecord(body) && isRecord(body.error) ? body.error : {};
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);
  return new ApiError({
    status,
    code: text(inner.code) ?? `http_${status}`,
    message: text(inner.message) ?? WORDS[status] ?? `The server answered with an error (${status}).`,
    fields: fieldMessages(inner.fields),
    requestId: text(inner.request_id) ?? headerRequestId,
  });
}

/** Any thrown thing as an ApiError, so that one component can show them all. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ApiError({ status: 0, code: "unexpected", message });
}

export function networkError(): ApiError {
  return new ApiError({
    status: 0,
    code: "network",
    message: "The server could not be reached. Check that it runs and that you are online, then try again.",
  });
}
