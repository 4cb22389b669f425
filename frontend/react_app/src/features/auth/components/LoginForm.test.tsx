import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { answer, makeToken } from "@/testing/fixtures";
import { renderInApp } from "@/testing/render";

import { LoginForm } from "./LoginForm";
import { LoginPage } from "./LoginPage";

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

  it("greets by name whoever has just chosen a password, and lets another log in all the same", async () => {
    renderInApp(<LoginPage onDone={vi.fn()} welcome="vera" />);
    expect(screen.getByText("The password of vera is set. Log in with it.")).toBeVisible();
    const name = screen.getByLabelText("User name");
    expect(name).toHaveValue("vera");
    await userEvent.setup().type(name, "2");
    expect(name).toHaveValue("vera2");
    expect(screen.queryByText(/demo account/)).toBeNull();
  });

  const says = (code: string, message: string, status = 401) =>
    answer({ error: { code, message, fields: {}, request_id: "r1" } }, status);

  it("asks for the code once the password is right, takes a pasted one, and says a wrong one at its field", async () => {
    const onDone = vi.fn();
    fetchMock
      .mockResolvedValueOnce(says("otp_required", "A code is needed."))
      .mockResolvedValueOnce(says("otp_invalid", "The code is wrong or was used already."))
      .mockResolvedValueOnce(answer({ access: makeToken(300), refresh: "r" }));
    renderInApp(<LoginForm onDone={onDone} />);
    const user = userEvent.setup();
    await user.type(screen.getByLabelText("User name"), "demo");
    await user.type(screen.getByLabelText("Password"), "s3cret{Enter}");
    const code = await screen.findByLabelText<HTMLInputElement>("Code");
    expect(screen.queryByRole("alert")).toBeNull();
    expect(code).toHaveFocus();
    expect(code).toHaveAttribute("autocomplete", "one-time-code");
    await user.paste("123 456");
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("The code is wrong or was used already.");
    expect(code).toHaveFocus();
    expect([code.selectionStart, code.selectionEnd]).toEqual([0, 7]);
    await user.paste("ABCD-EFGH");
    await user.keyboard("{Enter}");
    await vi.waitFor(() => expect(onDone).toHaveBeenCalledOnce());
    const bodies = fetchMock.mock.calls.map(([, init]) => JSON.parse(init?.body as string) as { otp?: string });
    expect(bodies.map(({ otp }) => otp)).toEqual([undefined, "123456", "ABCD-EFGH"]);
  });

  it("says how long a name is locked, in the server's words", async () => {
    fetchMock.mockResolvedValue(says("locked_out", "Too many failures. Try again in 12 minutes.", 429));
    renderInApp(<LoginForm onDone={vi.fn()} username="demo" />);
    await userEvent.setup().type(screen.getByLabelText("Password"), "x{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("Try again in 12 minutes.");
  });
});
