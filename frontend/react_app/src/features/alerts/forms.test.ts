import { describe, expect, it } from "vitest";

import type { AlertChannel, AlertRule } from "@/lib/api";

import { channelBody, channelValues, checkChannel, deliveryWords } from "./channelForm";
import { checkRule, ruleWords, toBody, valuesOf } from "./ruleForm";
import { parseAlertsSearch } from "./search";

const rule = (given: Partial<AlertRule>): AlertRule => ({
  id: 3,
  kind: "coverage_low",
  parameters: { min_coverage: 0.95, universe: 2 },
  severity: "warning",
  in_app: true,
  channels: [1],
  is_active: true,
  created_at: "",
  updated_at: "",
  ...given,
});

describe("a rule's form", () => {
  it("holds the rule, and gives it back unchanged", () => {
    const { kind, body } = toBody(valuesOf(rule({})));
    expect(kind).toBe("coverage_low");
    expect(body).toEqual({
      severity: "warning",
      in_app: true,
      channels: [1],
      is_active: true,
      parameters: { min_coverage: 0.95, universe: 2 },
    });
  });

  it("sends the parameters of its kind and no others", () => {
    const values = { ...valuesOf(null), kind: "job_completed" as const, job_kinds: ["scan" as const] };
    expect(toBody(values).body.parameters).toEqual({ job_kinds: ["scan"], min_seconds: 0 });
    expect(toBody({ ...values, kind: "rows_set_aside" }).body.parameters).toEqual({ min_rows: 1 });
  });

  it("refuses what the server would, at its field, and only fields on screen", () => {
    const values = valuesOf(rule({}));
    const wrong = { ...values, numbers: { ...values.numbers, min_coverage: "120", min_rows: "none" } };
    expect(checkRule(wrong)).toEqual({ min_coverage: "From 0 to 100 %." });
    expect(checkRule({ ...wrong, kind: "rows_set_aside" })).toEqual({ min_rows: "A whole number from 1." });
    expect(checkRule({ ...values, in_app: false, channels: [] }).ways).toMatch(/at least one/);
    expect(checkRule({ ...values, in_app: false })).toEqual({});
  });

  it("tells a rule in a phrase", () => {
    expect(ruleWords(rule({}), "Banks")).toBe("below 95 % of sessions, Banks");
    expect(ruleWords(rule({ kind: "data_stale", parameters: { max_sessions: 1 } }), null)).toBe("more than 1 session behind, any universe");
    expect(ruleWords(rule({ kind: "job_failed", parameters: { job_kinds: [] } }), null)).toBe("any job");
    expect(ruleWords(rule({ kind: "job_completed", parameters: { job_kinds: ["scan", "ingest"], min_seconds: 90 } }), null)).toBe(
      "scans, uploads, after 1 min 30 s or more",
    );
    expect(ruleWords(rule({ kind: "scan_discoveries", parameters: { min_discoveries: 3 } }), null)).toBe("3 pairs or more, any universe");
    expect(ruleWords(rule({ kind: "rows_set_aside", parameters: {} }), null)).toBe("1 or more");
  });
});

const channel = (given: Partial<AlertChannel> = {}): AlertChannel => ({
  id: 1,
  kind: "webhook",
  name: "Desk hook",
  url: "https://desk.example/hook",
  address: "",
  has_secret: true,
  is_active: true,
  created_at: "",
  last_delivery: null,
  ...given,
});

describe("a channel's form", () => {
  it("never sends a secret nobody typed, and can end the signing", () => {
    const values = channelValues(channel());
    expect(channelBody(values)).toEqual({ name: "Desk hook", url: "https://desk.example/hook", is_active: true });
    expect(channelBody({ ...values, secret: " s " }).secret).toBe(" s ");
    expect(channelBody({ ...values, unsigned: true }).secret).toBe("");
  });

  it("sends an e-mail channel no address of the web, whatever was typed before", () => {
    const values = { ...channelValues(null), kind: "email" as const, name: " Me ", url: "https://x.example", address: " me@x.example " };
    expect(channelBody(values)).toEqual({ name: "Me", address: "me@x.example", is_active: true });
  });

  it("says what is plainly wrong", () => {
    const empty = channelValues(null);
    expect(Object.keys(checkChannel(empty))).toEqual(["name", "url"]);
    expect(checkChannel({ ...empty, name: "a", url: "ftp://x.example" })).toHaveProperty("url");
    expect(checkChannel({ ...empty, name: "a", url: "https://x.example" })).toEqual({});
    expect(checkChannel({ ...empty, name: "a", kind: "email", address: "me" })).toHaveProperty("address");
  });

  it("tells how the last message fared", () => {
    const last = { id: 1, status: "delivered", is_test: false, attempts: 1, error: "", created_at: "", next_attempt_at: null, delivered_at: "" } as const;
    expect(deliveryWords(last)).toBe("arrived");
    expect(deliveryWords({ ...last, status: "pending", is_test: true })).toBe("test on its way");
    expect(deliveryWords({ ...last, status: "pending", error: "HTTP 500" })).toBe("to be tried again: HTTP 500");
    expect(deliveryWords({ ...last, status: "gave_up", attempts: 5, error: "HTTP 500" })).toBe("given up after 5 tries: HTTP 500");
  });
});

describe("the page's address", () => {
  it("keeps what it knows and drops the rest", () => {
    expect(parseAlertsSearch({ view: "rules", edit: "0", page: "1", kind: "job_failed", severity: "loud" })).toEqual({
      view: "rules",
      edit: 0,
      kind: "job_failed",
    });
    expect(parseAlertsSearch({ view: "x", state: "seen", alert: "-1", page: 2 })).toEqual({ state: "seen", page: 2 });
  });
});
