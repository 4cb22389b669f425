/** Files on their way to the server. Kept beside the pages: leaving the Data page stops nothing. */
import { asApiError, upload, type ApiError, type Ingestion } from "@/lib/api";
import { createStore } from "@/lib/store";

import { DEFAULT_OPTIONS, type UploadOptions } from "./options";

export interface Upload {
  readonly id: number;
  readonly file: File;
  readonly fields: Readonly<Record<string, string>>;
  /** Accepted ones leave the list as soon as a page has shown them. */
  readonly state: "waiting" | "sending" | "refused" | "accepted";
  /** Bytes that have left. */
  readonly sent: number;
  readonly error: ApiError | null;
  readonly ingestion: Ingestion | null;
}

export const uploadStore = createStore<readonly Upload[]>([]);
/** What was last chosen or typed. */
export const optionStore = createStore<UploadOptions>(DEFAULT_OPTIONS);

let nextId = 1;
let running = false;
const stops = new Map<number, AbortController>();
/** Files by their upload on the server, for sending one again with another option. */
const sentFiles = new Map<number, Pick<Upload, "file" | "fields">>();

function patch(id: number, change: Partial<Upload>): void {
  uploadStore.set(uploadStore.get().map((each) => (each.id === id ? { ...each, ...change } : each)));
}

async function sendOne({ id, file, fields }: Upload): Promise<void> {
  const stop = new AbortController();
  stops.set(id, stop);
  patch(id, { state: "sending", sent: 0, error: null });
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  // Last, so that a server which streams has read the rest when the bytes come.
  form.append("file", file, file.name);
  try {
    const onProgress = (sent: number) => patch(id, { sent: Math.min(sent, file.size) });
    const ingestion = await upload<Ingestion>("/api/v1/prices/upload/", form, { onProgress, signal: stop.signal });
    sentFiles.set(ingestion.id, { file, fields });
    patch(id, { state: "accepted", sent: file.size, ingestion });
  } catch (error) {
    if (!stop.signal.aborted) patch(id, { state: "refused", error: asApiError(error) });
  } finally {
    stops.delete(id);
  }
}

/** One file after the other: side by side they would only share the same line. */
async function run(): Promise<void> {
  if (running) return;
  running = true;
  for (;;) {
    const next = uploadStore.get().find(({ state }) => state === "waiting");
    if (!next) break;
    await sendOne(next);
  }
  running = false;
}

/** Queues files, to be sent with the same fields. */
export function addUploads(files: readonly File[], fields: Readonly<Record<string, string>>): void {
  const added = files.map((file): Upload => {
    const id = nextId;
    nextId += 1;
    return { id, file, fields, state: "waiting", sent: 0, error: null, ingestion: null };
  });
  uploadStore.set([...uploadStore.get(), ...added]);
  void run();
}

/** Sends a refused file again, with the options as they stand now. */
export function retryUpload(id: number, fields: Readonly<Record<string, string>>): void {
  patch(id, { state: "waiting", fields, error: null });
  void run();
}

/** Stops a file on its way, or takes one off the list. */
export function dropUpload(id: number): void {
  stops.get(id)?.abort();
  uploadStore.set(uploadStore.get().filter((each) => each.id !== id));
}

/** The file of an upload, if it was sent from this page and has not been forgotten by a reload. */
export function sentFile(ingestion: number): Pick<Upload, "file" | "fields"> | undefined {
  return sentFiles.get(ingestion);
}
