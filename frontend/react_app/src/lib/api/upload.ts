import { ApiError, errorFromBody, networkError } from "./errors";
import { session } from "./session";

export interface UploadWatch {
  /** Told as bytes leave: so many of so many, headers of the form included. */
  readonly onProgress?: (sent: number, total: number) => void;
  readonly signal?: AbortSignal;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly requestId: string | null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** A server that refuses a body half-way may close the connection before its answer can be read. */
function brokenOff(sent: number): ApiError {
  if (sent === 0) return networkError();
  return new ApiError({
    status: 0,
    code: "network",
    message:
      "The connection broke while the file was being sent. Try again; if it breaks at the same place, the file may be larger than the server takes.",
  });
}

/** One POST by XMLHttpRequest: `fetch` cannot tell how much of a body has left. */
function send(path: string, form: FormData, access: string, { onProgress, signal }: UploadWatch): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let sent = 0;
    const stop = () => request.abort();
    const settle = (outcome: () => void) => () => {
      signal?.removeEventListener("abort", stop);
      outcome();
    };
    request.open("POST", path);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Authorization", `Bearer ${access}`);
    request.upload.addEventListener("progress", (event) => {
      sent = event.loaded;
      onProgress?.(event.loaded, event.total);
    });
    request.addEventListener(
      "load",
      settle(() =>
        resolve({
          status: request.status,
          body: parsed(request.responseText),
          requestId: request.getResponseHeader("X-Request-ID"),
        }),
      ),
    );
    request.addEventListener("error", settle(() => reject(brokenOff(sent))));
    request.addEventListener("abort", settle(() => reject(new DOMException("The upload was stopped.", "AbortError"))));
    signal?.addEventListener("abort", stop, { once: true });
    request.send(form);
  });
}

/** Sends a form with files, telling of its progress; what the server refuses is thrown as an `ApiError`. */
export async function upload<T>(path: string, form: FormData, watch: UploadWatch = {}): Promise<T> {
  const access = await session.accessToken();
  watch.signal?.throwIfAborted();
  let answer = await send(path, form, access, watch);
  if (answer.status === 401) answer = await send(path, form, await session.refresh(access), watch);
  if (answer.status >= 200 && answer.status < 300) return answer.body as T;
  throw errorFromBody(answer.status, answer.body, answer.requestId);
}
