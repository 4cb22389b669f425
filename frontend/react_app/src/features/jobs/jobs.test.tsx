import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import type { Queue, Worker } from "@/lib/api";
import { stageWords } from "@/lib/jobWords";
import { meQuery } from "@/lib/queries";
import { makeQueryClient } from "@/lib/queryClient";
import { pageOf } from "@/testing/deskFixtures";
import { answer, makeJob, makeMe } from "@/testing/fixtures";
import { renderRouted, serve } from "@/testing/routed";

import { JobsPage } from "./components/JobsPage";
import { queueWords, workerWords } from "./components/words";

const makeQueue = (given: Partial<Queue> = {}): Queue => ({
  name: "compute",
  pending: 0,
  running: 0,
  oldest_pending_seconds: null,
  workers: 2,
  ...given,
});

const makeWorker = (given: Partial<Worker> = {}): Worker => ({
  id: 1,
  name: "desk-2:4711:0a1b2c3d",
  host: "desk-2",
  pid: 4711,
  queues: ["ingest", "compute"],
  version: "0.1.0",
  started_at: "2026-01-05T09:00:00Z",
  seen_at: "2026-01-05T10:00:00Z",
  state: "up",
  job: null,
  ...given,
});

const QUEUES = [
  makeQueue({ name: "ingest" }),
  makeQueue({ pending: 2, running: 1, oldest_pending_seconds: 14, workers: 0 }),
  makeQueue({ name: "trade", workers: 1 }),
];

function desk(workers: Worker[], permissions = ["trading.view_worker"]) {
  serve({
    "GET /api/v1/jobs/": () => answer(pageOf(makeJob())),
    "GET /api/v1/scans/": () => answer(pageOf()),
    "GET /api/v1/queues/": () => answer(QUEUES),
    "GET /api/v1/workers/": () => answer(pageOf(...workers)),
  });
  const client = makeQueryClient();
  client.setQueryData(meQuery.queryKey, makeMe({ permissions }));
  return client;
}

beforeEach(() => {
  // Nothing has a size in jsdom; tables need one to know which rows fit.
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(300);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(900);
});

describe("queues on the Jobs page", () => {
  it("say what waits for whom, and that nobody serves one", async () => {
    const onSearch = vi.fn();
    await renderRouted(<JobsPage search={{}} onSearch={onSearch} />, desk([]));
    const queues = within(await screen.findByRole("region", { name: "Queues and workers" }));
    expect(await queues.findByText("2 wait, longest 14 s · 1 runs · no worker")).toBeVisible();
    expect(queues.getByText("2 workers")).toBeVisible();
    expect(queues.getByRole("status")).toHaveTextContent("No worker serves Compute");
    await userEvent.click(queues.getByRole("button", { name: "Show workers" }));
    expect(onSearch).toHaveBeenCalledWith({ workers: true });
  });

  it("list the workers with what each does, and those that stop or fell silent", async () => {
    const workers = [
      makeWorker({ job: { id: 7, kind: "scan", progress: 0.25, stage: "Testing pairs" } }),
      makeWorker({ id: 2, name: "desk-2:4712:1", state: "stopping" }),
      makeWorker({ id: 3, name: "desk-3:99:2", state: "silent" }),
    ];
    await renderRouted(<JobsPage search={{ workers: true }} onSearch={vi.fn()} />, desk(workers));
    const table = within(await screen.findByRole("grid", { name: "Workers" }));
    expect(await screen.findByText("1 up, 1 stopping, 1 silent")).toBeVisible();
    expect(await table.findByRole("row", { name: /desk-2 · 4711/ })).toHaveTextContent(/Up.*Scan 25 % · Testing pairs.*Ingest, Compute/);
    expect(table.getByRole("row", { name: /desk-2 · 4712/ })).toHaveTextContent("Stopping");
    expect(table.getByRole("row", { name: /desk-3 · 99/ })).toHaveTextContent(/Silent, heard of \d+ days ago/);
  });

  it("say how workers come where none runs", async () => {
    await renderRouted(<JobsPage search={{ workers: true }} onSearch={vi.fn()} />, desk([]));
    expect(await screen.findByText("No worker runs")).toBeVisible();
  });

  it("are not shown to those who may not look", async () => {
    await renderRouted(<JobsPage search={{}} onSearch={vi.fn()} />, desk([], []));
    expect(await screen.findByRole("grid", { name: "Jobs" })).toBeVisible();
    expect(screen.queryByRole("region", { name: "Queues and workers" })).not.toBeInTheDocument();
  });
});

describe("words", () => {
  it("tell a queue and a worker in a line", () => {
    expect(queueWords(makeQueue({ pending: 1, oldest_pending_seconds: 0.2, workers: 1 }))).toBe("1 waits · 1 worker");
    expect(workerWords("desk-2:4711:0a1b")).toBe("desk-2 · 4711");
    expect(workerWords("")).toBe("");
  });

  it("tell why a job waits, and how many parts of it are done", () => {
    expect(stageWords(makeJob({ status: "PENDING", message: "No worker serves it." }))).toBe("No worker serves it.");
    expect(stageWords(makeJob({ status: "PENDING" }))).toBe("Waiting for its turn");
    expect(stageWords(makeJob({ parts: { done: 5, total: 12, workers: 2 } }))).toBe(
      "Testing pairs: 5 of 12 parts, 2 workers",
    );
  });
});
