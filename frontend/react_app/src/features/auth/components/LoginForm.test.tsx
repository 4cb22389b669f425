import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { answer, makeToken } from "@/testing/fixtures";
import { renderInApp } from "@/testing/render";

import { LoginForm } from "./LoginForm";

const refused = () =>
  answer({ error: { code: "bad", message: "The name or the password is wrong.", fields: {}, request_id: "r1" } }, 401);

describe("logging in", () => {
  const fetchMock = vi.fn<typeof fetch>();
  beforeEach(() => {
    fetchMock.mockReset();
    vi.stubGlobal("fetch", fetchMock);
  });

  it("takes a pasted password and goes on", async () => {
    const onDone = vi.fn();
    fetchMock.mockResolvedValue(answer({ access: makeToken(300), refresh: "r" }));
    renderInApp(<LoginForm onDone={onDone} />);
    const user = userEvent.setup();
    await user.type(screen.getByLabelText("User name"), " demo ");
    await user.click(screen.getByLabelText("Password"));
    await user.paste("s3cret pass");
    await user.keyboard("{Enter}");
    await vi.waitFor(() => expect(onDone).toHaveBeenCalledOnce());
    expect(JSON.parse(fetchMock.mock.calls[0]?.[1]?.body as string)).toEqual({
      username: "demo",
      password: "s3cret pass",
    });
  });

  it("says a refusal at the field, loses nothing, and selects the password to type over", async () => {
    fetchMock.mockResolvedValue(refused());
    renderInApp(<LoginForm onDone={vi.fn()} />);
    const user = userEvent.setup();
    await user.type(screen.getByLabelText("User name"), "demo");
    await user.type(screen.getByLabelText("Password"), "wrong");
    await user.click(screen.getByRole("button", { name: "Log in" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The name or the password is wrong.");
    const password = screen.getByLabelText<HTMLInputElement>("Password");
    expect(password).toHaveAccessibleDescription("The name or the password is wrong.");
    expect(screen.getByLabelText("User name")).toHaveValue("demo");
    expect(password).toHaveValue("wrong");
    expect(password).toHaveFocus();
    expect([password.selectionStart, password.selectionEnd]).toEqual([0, 5]);
  });

  it("says that the server is away, in words", async () => {
    fetchMock.mockRejectedValue(new TypeError("Failed to fetch"));
    renderInApp(<LoginForm onDone={vi.fn()} username="demo" />);
    const user = userEvent.setup();
    expect(screen.getByLabelText("User name")).toHaveAttribute("readonly");
    await user.type(screen.getByLabelText("Password"), "x{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("The server could not be reached");
  });
});
