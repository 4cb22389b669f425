import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { ApiError } from "@/lib/api";
import { renderInApp } from "@/testing/render";

import { ErrorNotice } from "./ErrorNotice";

describe("an error shown", () => {
  it("says what, why, which field, and the request id", async () => {
    const onRetry = vi.fn();
    const error = new ApiError({
      status: 400,
      code: "invalid",
      message: "The scan could not be started.",
      fields: { min_overlap: ["At least 30 bars."], non_field_errors: ["Two symbols at least."] },
      requestId: "9f2",
    });
    renderInApp(<ErrorNotice error={error} what="Nothing was scanned" onRetry={onRetry} />);
    const alert = screen.getByRole("alert");
    expect(alert).toHaveTextContent("Nothing was scanned. The scan could not be started.");
    expect(alert).toHaveTextContent("min overlap: At least 30 bars.");
    expect(alert).toHaveTextContent("Two symbols at least.");
    expect(alert).toHaveTextContent("Request id 9f2");
    await userEvent.setup().click(screen.getByRole("button", { name: "Try again" }));
    expect(onRetry).toHaveBeenCalledOnce();
  });

  it("does not say the same twice", () => {
    const error = new ApiError({
      status: 400,
      code: "invalid",
      message: "symbol_1: XX is not known.",
      fields: { symbol_1: ["XX is not known."] },
    });
    renderInApp(<ErrorNotice error={error} />);
    expect(screen.getAllByText(/XX is not known/)).toHaveLength(1);
    expect(screen.queryByRole("list")).toBeNull();
  });

  it("has words for what is no error of the server", () => {
    renderInApp(<ErrorNotice error="odd" />);
    expect(screen.getByRole("alert")).toHaveTextContent("odd");
  });
});
