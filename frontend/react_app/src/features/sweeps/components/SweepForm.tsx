import { Button, NativeSelect, SegmentedControl, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState, type SubmitEvent } from "react";

import { ErrorNotice, SkeletonRows } from "@/components/feedback";
import { SymbolField } from "@/components/symbols";
import { asApiError, type CostModel, type RuleCard } from "@/lib/api";
import { plural } from "@/lib/format";
import { backtestQuery, costModelsQuery, rulesQuery, sweepQuery, useMay, useMe } from "@/lib/queries";

import { useStartSweep } from "../api/mutations";
import { checkForm, combinations, likeOf, mapRefusals, settingsOf, startForm, toRequest, varied, type FormErrors, type FormValues, type Like } from "../form";
import type { Method, SweepsSearch } from "../search";
import { SettingFields } from "./SettingFields";
import styles from "./sweeps.module.css";

interface Props {
  readonly search: SweepsSearch;
  readonly onStarted: (sweep: number) => void;
}

/** Loads what the form offers and what it starts from, then shows it. */
export function SweepForm({ search, onStarted }: Props) {
  const rules = useQuery(rulesQuery);
  const costs = useQuery(costModelsQuery);
  const run = useQuery({ ...backtestQuery(search.like ?? 0), enabled: search.like !== undefined });
  const sweep = useQuery({ ...sweepQuery(search.again ?? 0), enabled: search.again !== undefined });
  const error = rules.error ?? costs.error;
  if (error) {
    const retry = () => void Promise.all([rules.refetch(), costs.refetch()]);
    return <ErrorNotice error={error} what="The rules could not be loaded" onRetry={retry} />;
  }
  const waits = (search.like !== undefined && run.isPending) || (search.again !== undefined && sweep.isPending);
  if (!rules.data || !costs.data || waits) return <SkeletonRows rows={8} label="Loading the rules" />;
  const from = search.again === undefined ? run.data : sweep.data;
  const lost = run.error ?? sweep.error;
  return (
    <>
      {lost ? <ErrorNotice error={lost} what="What it was to start from could not be loaded; the form starts afresh" /> : null}
      <LoadedForm key={JSON.stringify(search)} search={search} like={from ? likeOf(from) : null} rules={rules.data} costModels={costs.data} onStarted={onStarted} />
    </>
  );
}

interface LoadedProps extends Props {
  readonly like: Like | null;
  readonly rules: readonly RuleCard[];
  readonly costModels: readonly CostModel[];
}

const METHODS = [
  { value: "grid", label: "Grid: every combination" },
  { value: "search", label: "Search: points chosen by what came before" },
];

function LoadedForm({ search, like, rules, costModels, onStarted }: LoadedProps) {
  const { preferences } = useMe();
  const [values, setValues] = useState(() => startForm({ rules, preferences, search, like }));
  const [tried, setTried] = useState(false);
  const may = useMay("trading.add_sweep");
  const ask = useStartSweep();
  const form = useRef<HTMLFormElement>(null);
  const rule = rules.find(({ id }) => id === values.rule);
  const refused = ask.error ? mapRefusals(asApiError(ask.error).fields, values) : null;
  const errors: FormErrors = { ...refused?.errors, ...(tried ? checkForm(values, rule) : {}) };
  const set = (patch: Partial<FormValues>) => {
    ask.reset();
    setValues((before) => ({ ...before, ...patch }));
  };
  const own = () => Object.fromEntries(Object.entries(values.settings).map(([name, { value }]) => [name, value.trim() === "" ? null : Number(value)]));
  const setRule = (id: string) => set({ rule: id, settings: settingsOf(rules.find((each) => each.id === id), values.method, own()) });
  const setMethod = (method: Method) => {
    // What varies was chosen by hand unless it is still what the other way starts with.
    const usual = settingsOf(rule, values.method, {});
    const untouched = Object.keys(usual).every((name) => usual[name]?.varies === values.settings[name]?.varies);
    const next = settingsOf(rule, method, {});
    const settings = Object.fromEntries(Object.entries(values.settings).map(([name, each]) => [name, { ...each, varies: untouched ? (next[name]?.varies ?? false) : each.varies }]));
    set({ method, settings });
  };
  const bind = (field: "n_trials" | "seed" | "capital" | "start_date" | "end_date" | "name") => ({
    name: field,
    value: values[field],
    error: errors[field],
    onChange: (event: { currentTarget: { value: string } }) => set({ [field]: event.currentTarget.value }),
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    const [wrong] = Object.keys(checkForm(values, rule));
    if (wrong === undefined) ask.mutate(toRequest(values, like), { onSuccess: ({ id }) => onStarted(id) });
    else form.current?.querySelector<HTMLElement>(`[name="${wrong}"]`)?.focus();
  };
  return (
    <form ref={form} className={styles.form} onSubmit={submit} noValidate aria-label="New sweep or search">
      <fieldset className={styles.set}>
        <legend>What is tried</legend>
        <SymbolField label="First leg" name="symbol_1" value={values.symbol_1} error={errors.symbol_1} onChange={(symbol_1) => set({ symbol_1 })} />
        <SymbolField label="Second leg" name="symbol_2" value={values.symbol_2} error={errors.symbol_2} onChange={(symbol_2) => set({ symbol_2 })} />
        <NativeSelect
          className={styles.wide}
          label="Rule"
          name="rule"
          data={rules.map(({ id, title }) => ({ value: id, label: title }))}
          value={values.rule}
          error={errors.rule}
          onChange={(event) => setRule(event.currentTarget.value)}
        />
        <TextInput type="date" label="Traded from" {...bind("start_date")} />
        <TextInput type="date" label="to" {...bind("end_date")} />
        <details className={styles.wide} open={["costs", "capital", "name"].some((name) => errors[name] !== undefined) || undefined}>
          <summary className={styles.summary}>Costs, capital, name</summary>
          <div className={styles.inner}>
            <NativeSelect
              label="Costs"
              name="costs"
              data={[
                ...(like ? [{ value: "own", label: "As that run had them" }] : []),
                { value: "", label: "What suits the bars" },
                ...costModels.map(({ id, title }) => ({ value: id, label: title })),
              ]}
              value={values.costs}
              error={errors.costs}
              onChange={(event) => set({ costs: event.currentTarget.value })}
            />
            <TextInput label="Capital" inputMode="decimal" {...bind("capital")} />
            <TextInput className={styles.wide} label="Name" maxLength={120} placeholder="by pair and rule" {...bind("name")} />
          </div>
        </details>
      </fieldset>
      <fieldset className={styles.settingSet}>
        <legend>Settings</legend>
        <SegmentedControl aria-label="How" data={METHODS} value={values.method} onChange={(method) => setMethod(method as Method)} />
        <SettingFields
          rule={rule}
          method={values.method}
          settings={values.settings}
          errors={errors}
          onSetting={(name, patch) => {
            const before = values.settings[name];
            if (before) set({ settings: { ...values.settings, [name]: { ...before, ...patch } } });
          }}
        />
        {values.method === "search" ? (
          <div className={styles.trials}>
            <TextInput label="Points" description="2 to 2,000" inputMode="numeric" {...bind("n_trials")} />
            <TextInput label="Seed" description="same seed, same points" inputMode="numeric" {...bind("seed")} />
          </div>
        ) : null}
        {errors.settings === undefined ? null : (
          <p role="alert" className={styles.error}>
            {errors.settings}
          </p>
        )}
        <p className={styles.muted} role="status">
          {countWords(values)}
        </p>
        {ask.error && (refused === null || refused.rest.length > 0 || Object.keys(refused.errors).length === 0) ? (
          <ErrorNotice error={ask.error} what="It was not started" />
        ) : null}
        <div className={styles.submit}>
          <Button type="submit" variant="filled" loading={ask.isPending} disabled={!may}>
            Start
          </Button>
          <span className={styles.muted}>{may ? "It runs as a job: you may leave the page." : "Your role may not start sweeps."}</span>
        </div>
      </fieldset>
    </form>
  );
}

/** How often luck will be asked. */
function countWords(values: FormValues): string {
  const n = values.method === "grid" ? combinations(values) : Number(values.n_trials) || 0;
  const over = plural(varied(values).length, "setting");
  const trials = values.method === "grid" ? `${plural(n, "combination")} of ${over}` : `Up to ${plural(n, "point")} of ${over}`;
  return `${trials}. Each one counts as a trial; those that contradict themselves are left out and count nothing.`;
}
