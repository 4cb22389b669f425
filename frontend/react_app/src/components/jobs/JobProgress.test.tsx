import { act, renderHook, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";

import { writeTokens } from "@/lib/api/tokens";
import { jobQuery } from "@/lib/queries";
import { answer, makeJob, makeToken } from "@/testing/fixtures";
import { renderInApp } from "@/testing/render";

import { JobProgress } from "./JobProgress";
import { useElapsed } from "./useElapsed";

afterEach(() => {
  vi.useRealTimers();
});

describe("a job at work", () => {
  it("says stage, share, time gone and time left", () => {
    renderInApp(<JobProgress job={makeJob()} />);
    expect(screen.getByText("Scan 12")).toBeVisible();
    expect(screen.getByText("Testing pairs")).toBeVisible();
    expect(screen.getByRole("progressbar", { name: "Scan 12" })).toHaveAttribute("aria-valuenow", "25");
    expect(screen.getByText("elapsed 4.0 s")).toBeVisible();
    expect(screen.getByText("about 12 s left")).toBeVisible();
  });

  it("counts on between two words from the server, and takes the next one as it is", () => {
    vi.useFakeTimers();
    const { result, rerender } = renderHook(useElapsed, { initialProps: makeJob() });
    act(() => void vi.advanceTimersByTime(3000));
    expect(result.current).toEqual({ elapsed: 7, eta: 9 });
    rerender(makeJob({ elapsed_seconds: 8, eta_seconds: 2 }));
    expect(result.current).toEqual({ elapsed: 8, eta: 2 });
    act(() => void vi.advanceTimersByTime(5000));
    expect(result.current).toEqual({ elapsed: 13, eta: 0 });
    rerender(makeJob({ status: "COMPLETED", elapsed_seconds: 12.5, eta_seconds: null }));
    act(() => void vi.advanceTimersByTime(5000));
    expect(result.current).toEqual({ elapsed: 12.5, eta: null });
  });

  it("asks for a stop once, and shows that it was asked", async () => {
    writeTokens({ access: makeToken(300), refresh: "r" });
    const fetchMock = vi.fn<typeof fetch>(() => Promise.resolve(answer(makeJob({ cancel_requested: true }), 202)));
    vi.stubGlobal("fetch", fetchMock);
    const { client } = renderInApp(<JobProgress job={makeJob()} />);
    await userEvent.setup().click(screen.getByRole("button", { name: "Cancel Scan 12" }));
    await vi.waitFor(() => expect(client.getQueryData(jobQuery(1).queryKey)?.cancel_requested).toBe(true));
    const request = fetchMock.mock.calls[0]?.[0] as Request;
    expect(`${request.method} ${new URL(request.url).pathname}`).toBe("POST /api/v1/jobs/1/cancel/");
    expect(request.headers.get("Authorization")).toMatch(/^Bearer /);
  });

  it("has nothing to stop when it is over", () => {
    renderInApp(<JobProgress job={makeJob({ status: "CANCELLED", eta_seconds: null })} />);
    expect(screen.queryByRole("button")).toBeNull();
    expect(screen.getByText("Cancelled")).toBeVisible();
  });
});
