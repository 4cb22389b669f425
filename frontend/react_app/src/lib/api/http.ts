import { errorFromBody, networkError } from "./errors";
import { session } from "./session";

/** Gives back what the server answered; no answer at all is said in words. */
async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw networkError();
  }
}

async function attempt(request: Request, access: string): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.set("Authorization", `Bearer ${access}`);
  return send(new Request(request, { headers }));
}

/** `fetch` with the session's token: renewed before it ends, and once more if the server refuses it all the same. */
export async function authorisedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const access = await session.accessToken();
  const first = await attempt(request.clone(), access);
  if (first.status !== 401) return first;
  return attempt(request, await session.refresh(access));
}

/** Like `authorisedFetch`, but an answer that is an error is thrown as an `ApiError`. */
export async function checkedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  return unlessRefused(await authorisedFetch(input, init));
}

async function unlessRefused(response: Response): Promise<Response> {
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => null);
  throw errorFromBody(response.status, body, response.headers.get("X-Request-ID"));
}

/** For what needs no session (a shared link): sends no token, and throws errors likewise. */
export async function openFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  return unlessRefused(await send(new Request(input, init)));
}

/** Saves what an address answers (a CSV export) under the name given, with the session's token. */
export async function download(path: string, filename: string): Promise<void> {
  const response = await checkedFetch(path);
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = filename;
  link.click();
  // The browser reads the blob after the click returns.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
