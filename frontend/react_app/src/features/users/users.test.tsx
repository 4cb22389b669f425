import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import type { Account } from "@/lib/account";
import { session } from "@/lib/api";
import { makeQueryClient } from "@/lib/queryClient";
import { meQuery } from "@/lib/queries";
import { answer, makeMe } from "@/testing/fixtures";
import { renderInApp } from "@/testing/render";

import { AccountPanel } from "./components/AccountPanel";
import { Invite } from "./components/Invite";
import { UsersPage } from "./components/UsersPage";
import { parseUsersSearch } from "./search";
import { detailWords, stateWords } from "./words";

const ADMIN = ["users.view_user", "users.add_user", "users.change_user", "common.view_auditentry"];

const account = (given: Partial<Account> = {}): Account => ({
  id: 7,
  username: "vera",
  email: "",
  first_name: "",
  last_name: "",
  role: "viewer",
  is_active: true,
  last_login: null,
  date_joined: "2026-01-01T00:00:00Z",
  totp_enabled: false,
  n_sessions: 0,
  n_keys: 0,
  invited: false,
  ...given,
});

function clientOf(permissions: string[]) {
  const client = makeQueryClient();
  client.setQueryData(meQuery.queryKey, makeMe({ permissions }));
  return client;
}

const fetchMock = vi.fn<typeof fetch>();
beforeEach(() => {
  fetchMock.mockReset();
  vi.spyOn(session, "accessToken").mockResolvedValue("t");
  vi.stubGlobal("fetch", fetchMock);
});

describe("the Users page", () => {
  it("says to those who may not, in words, whose it is; and asks the server for nothing", () => {
    renderInApp(<UsersPage search={{}} onSearch={vi.fn()} />, clientOf(["trading.view_scan"]));
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Users");
    expect(screen.getByText(/kept by administrators/)).toBeInTheDocument();
    expect(screen.queryByRole("grid")).toBeNull();
    expect(fetchMock).not.toHaveBeenCalled();
  });

  it("shows no audit trail to those who may keep accounts only", () => {
    fetchMock.mockImplementation(() => Promise.resolve(answer({ count: 0, next: null, previous: null, results: [] })));
    renderInApp(<UsersPage search={{ tab: "audit" }} onSearch={vi.fn()} />, clientOf(["users.view_user"]));
    expect(screen.queryByRole("radio", { name: "Audit trail" })).toBeNull();
    expect(screen.queryByRole("button", { name: "Invite somebody" })).toBeNull();
    expect(screen.getByRole("grid", { name: "Accounts" })).toBeInTheDocument();
  });
});

describe("an account's panel", () => {
  it("offers what applies, asks before it acts, and says a refusal", async () => {
    const message = "vera is the last admin who can log in: make somebody else an admin first.";
    fetchMock.mockResolvedValue(answer({ error: { code: "conflict", message, fields: {}, request_id: "r9" } }, 409));
    renderInApp(<AccountPanel account={account({ role: "admin" })} onClose={vi.fn()} />, clientOf(ADMIN));
    expect(screen.queryByRole("button", { name: "Log out everywhere" })).toBeNull();
    expect(screen.queryByRole("button", { name: "Disable two-step" })).toBeNull();
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "Deactivate" }));
    expect(fetchMock).not.toHaveBeenCalled();
    await user.click((await screen.findAllByRole("button", { name: "Deactivate" })).at(-1)!);
    expect(await screen.findByRole("alert")).toHaveTextContent(message);
  });

  it("shows a new link once, to copy", async () => {
    const link = { url: "http://titan/welcome/abc", expires_at: "2026-02-01T00:00:00Z", mailed: false };
    fetchMock.mockImplementation((input) =>
      Promise.resolve((input as Request).method === "POST" ? answer(link, 201) : answer({ count: 0, results: [] })),
    );
    renderInApp(<AccountPanel account={account({ invited: true })} onClose={vi.fn()} />, clientOf(ADMIN));
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "New link" }));
    await user.click(await screen.findByRole("button", { name: "Make the link" }));
    expect(await screen.findByLabelText("Link")).toHaveValue(link.url);
    expect(screen.getByRole("button", { name: "Copy: Link" })).toBeInTheDocument();
  });
});

describe("an invitation", () => {
  it("of a name that is taken is refused at the name, without the number of the request", async () => {
    const message = "There is an account 'vera' already; choose another name.";
    const error = { code: "conflict", message, fields: { username: [message] }, request_id: "r9" };
    fetchMock.mockResolvedValue(answer({ error }, 409));
    renderInApp(<Invite onClose={vi.fn()} />, clientOf(ADMIN));
    const user = userEvent.setup();
    await user.type(screen.getByLabelText("User name"), "vera");
    await user.click(screen.getByRole("button", { name: "Invite" }));
    expect(await screen.findByText(message)).toBeInTheDocument();
    expect(screen.getByLabelText("User name")).toHaveAccessibleDescription(message);
    expect(screen.queryByRole("alert")).toBeNull();
    expect(screen.queryByText(/r9/)).toBeNull();
  });
});

describe("words and addresses", () => {
  it("say the state of an account", () => {
    expect(stateWords(account({ invited: true }))).toBe("Invited");
    expect(stateWords(account({ invited: true, last_login: "2026-01-01T00:00:00Z" }))).toBe("Link is out");
    expect(stateWords(account({ is_active: false, invited: true }))).toBe("Deactivated");
  });

  it("tell details in a line", () => {
    expect(detailWords({ from: "viewer", to: "trader" })).toBe("viewer → trader");
    expect(detailWords({ which: "everywhere", n_pairs: 3 })).toBe("everywhere, n pairs 3");
    expect(detailWords({ which: "this", through: "pages" })).toBe("session: this, through pages");
    expect(detailWords({ scopes: ["read", "data"] })).toBe("scopes read data");
    expect(detailWords({})).toBe("");
  });

  it("drop nonsense", () => {
    expect(parseUsersSearch({ tab: "x", role: "king", active: "false", action: "login", since: "2026-02-30", page: "1" })).toEqual(
      { active: false, action: "login" },
    );
  });
});
