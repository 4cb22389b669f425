import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useRef, useState, type SubmitEvent } from "react";

import { ErrorNotice } from "@/components/feedback";
import { asApiError, type CostModel, type RuleCard, type Scan } from "@/lib/api";
import { useMe } from "@/lib/queries";

import { useStartBacktest } from "../api/queries";
import { checkRun, mapRefusals, ruleDefaults, toRequest, type Like, type RunFormErrors, type RunFormValues } from "../runForm";
import { costWords } from "../runWords";
import styles from "./form.module.css";
import { RuleFields } from "./RuleFields";
import { TradedFields } from "./TradedFields";

interface Props {
  readonly start: RunFormValues;
  /** The run whose settings it starts from. */
  readonly like: Like | null;
  readonly rules: readonly RuleCard[];
  readonly costModels: readonly CostModel[];
  readonly scans: readonly Scan[];
  readonly onStarted: (run: number) => void;
}

export type SetField = <Field extends keyof RunFormValues>(field: Field, value: RunFormValues[Field]) => void;

/** What is traded, by which rule, at what cost, on what account. */
export function RunForm({ start, like, rules, costModels, scans, onStarted }: Props) {
  const { preferences } = useMe();
  const [values, setValues] = useState(start);
  const [tried, setTried] = useState(false);
  const ask = useStartBacktest();
  const form = useRef<HTMLFormElement>(null);
  const rule = rules.find(({ id }) => id === values.rule);
  const refused = ask.error ? mapRefusals(asApiError(ask.error).fields, values) : null;
  const errors: RunFormErrors = { ...refused?.errors, ...(tried ? checkRun(values, rule) : {}) };

  const set: SetField = (field, value) => {
    ask.reset();
    setValues((before) => ({ ...before, [field]: value }));
  };
  const setRule = (id: string) => {
    const next = rules.find((each) => each.id === id);
    // What both rules have stays as it was typed.
    const kept = (name: string) => name in values.parameters;
    const usual = Object.entries(ruleDefaults(next, preferences));
    ask.reset();
    setValues((before) => ({
      ...before,
      rule: id,
      parameters: Object.fromEntries(usual.map(([name, text]) => [name, kept(name) ? (before.parameters[name] ?? text) : text])),
    }));
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    const [wrong] = Object.keys(checkRun(values, rule));
    if (wrong !== undefined) {
      form.current?.querySelector<HTMLElement>(`[name="${wrong}"]`)?.focus();
      return;
    }
    ask.mutate(toRequest(values, rule, like), { onSuccess: ({ id }) => onStarted(id) });
  };

  return (
    <form ref={form} className={styles.form} onSubmit={submit} noValidate aria-label="New backtest">
      <div className={styles.columns}>
        <TradedFields values={values} errors={errors} scans={scans} set={set} />
        <RuleFields
          values={values}
          errors={errors}
          rules={rules}
          rule={rule}
          onRule={setRule}
          onParameter={(name, text) => set("parameters", { ...values.parameters, [name]: text })}
        />
        <AccountFields values={values} errors={errors} costModels={costModels} like={like} set={set} />
      </div>
      <Refused error={ask.error} rest={refused?.rest ?? []} known={Object.keys(refused?.errors ?? {}).length > 0} />
      <div className={styles.submit}>
        <Button type="submit" variant="filled" loading={ask.isPending}>
          Run backtest
        </Button>
        <span className={styles.muted}>It runs as a job: you may leave the page. Every run counts as a trial.</span>
      </div>
    </form>
  );
}

/** What the server refused and no field could say. */
function Refused({ error, rest, known }: { readonly error: Error | null; readonly rest: readonly string[]; readonly known: boolean }) {
  if (!error || (known && rest.length === 0)) return null;
  return <ErrorNotice error={error} what="The backtest was not started" />;
}

interface AccountProps {
  readonly values: RunFormValues;
  readonly errors: RunFormErrors;
  readonly costModels: readonly CostModel[];
  readonly like: Like | null;
  readonly set: SetField;
}

const NEEDS: Readonly<Record<string, string>> = { raw: "unadjusted prices", open: "opens", volume: "volumes" };

/** What the chosen costs are, and what the bars must have for them. */
function costLine(values: RunFormValues, models: readonly CostModel[], like: Like | null): string {
  if (values.costs === "own") return like ? `${costWords(like.costs).join(", ")}.` : "";
  const model = models.find(({ id }) => id === values.costs);
  if (!model) return "Retail costs where the bars are unadjusted, basis points where they are total-return.";
  const needs = model.needs.map((need) => NEEDS[need] ?? need);
  return `${costWords(model.costs).join(", ")}.${needs.length > 0 ? ` Needs ${needs.join(", ")}.` : ""}`;
}

function AccountFields({ values, errors, costModels, like, set }: AccountProps) {
  const text = (field: "capital" | "fraction" | "gross" | "name") => ({
    name: field,
    value: values[field],
    error: errors[field],
    onChange: (event: { currentTarget: { value: string } }) => set(field, event.currentTarget.value),
  });
  return (
    <fieldset className={styles.set}>
      <legend>Costs and account</legend>
      <NativeSelect
        className={styles.wide}
        label="Costs"
        name="costs"
        data={[
          ...(like ? [{ value: "own", label: "As that run had them" }] : []),
          { value: "", label: "What suits the bars" },
          ...costModels.map(({ id, title }) => ({ value: id, label: title })),
        ]}
        value={values.costs}
        error={errors.costs}
        onChange={(event) => set("costs", event.currentTarget.value)}
      />
      <p className={styles.help}>{costLine(values, costModels, like)}</p>
      <TextInput label="Capital" inputMode="decimal" {...text("capital")} />
      <TextInput label="Gross limit, × equity" inputMode="decimal" placeholder="none" {...text("gross")} />
      <TextInput label="In one pair, % of equity" inputMode="decimal" placeholder="shared equally" {...text("fraction")} />
      <TextInput label="Name" maxLength={120} placeholder="by pair and rule" {...text("name")} />
    </fieldset>
  );
}
