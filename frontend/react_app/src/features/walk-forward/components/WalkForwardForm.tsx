import { Button, NativeSelect, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState, type SubmitEvent } from "react";

import { ErrorNotice, SkeletonRows } from "@/components/feedback";
import { mapServerErrors } from "@/components/form";
import { asApiError, type Sweep, type Universe } from "@/lib/api";
import { plural } from "@/lib/format";
import { costModelsQuery, rulesQuery, scansQuery, sweepQuery, universesQuery, useMay, useMe } from "@/lib/queries";
import { subjectWords } from "@/lib/scanWords";
import { settingValue, settingWords } from "@/lib/settingWords";

import { useStartWalkForward } from "../api/mutations";
import { checkForm, combinations, FORM_FIELDS, startForm, toRequest, type FormErrors, type FormField, type FormValues } from "../form";
import type { WalkForwardsSearch } from "../search";
import styles from "./walk.module.css";

interface Props {
  readonly search: WalkForwardsSearch;
  readonly onStarted: (run: number) => void;
}

/** Loads what the form offers, then shows it. */
export function WalkForwardForm(props: Props) {
  const { data, error, refetch } = useQuery(universesQuery);
  const from = props.search.sweep;
  const sweep = useQuery({ ...sweepQuery(from ?? 0), enabled: from !== undefined });
  if (error) return <ErrorNotice error={error} what="The universes could not be loaded" onRetry={() => void refetch()} />;
  if (!data || (from !== undefined && sweep.isPending)) return <SkeletonRows rows={10} label="Loading the universes" />;
  return (
    <>
      {sweep.error ? <ErrorNotice error={sweep.error} what={`Sweep ${from ?? ""} could not be loaded; the form starts afresh`} /> : null}
      <LoadedForm key={from} {...props} universes={data.results} sweep={sweep.data ?? null} />
    </>
  );
}

const SUBJECTS = [
  { value: "universe", label: "Universe" },
  { value: "scan", label: "A scan's symbols" },
  { value: "pairs", label: "Pairs" },
];
const SCHEMES = [
  { value: "rolling", label: "Rolling: training moves along" },
  { value: "anchored", label: "Anchored: training grows" },
];
const SELECTIONS = [
  { value: "strongest", label: "Strongest" },
  { value: "discoveries", label: "Discoveries only" },
];

/** An address or a preference may outlive its universe. */
function firstUniverse(universes: readonly Universe[], wanted: readonly (number | null | undefined)[]): string {
  const known = wanted.find((id) => universes.some((each) => each.id === id));
  const usual = universes.find(({ source }) => source !== "synthetic") ?? universes[0];
  return String(known ?? usual?.id ?? "");
}

/** The grid's fields have other names on the server. */
function serverErrors(error: Error | null): { errors: FormErrors; rest: boolean } {
  if (!error) return { errors: {}, rest: false };
  const fields = Object.fromEntries(
    Object.entries(asApiError(error).fields).map(([name, said]) => [name.replace(/^(grid|parameters)\./, ""), said]),
  );
  const { errors, rest } = mapServerErrors(fields, FORM_FIELDS);
  return { errors, rest: rest.length > 0 || Object.keys(errors).length === 0 };
}

interface LoadedProps extends Props {
  readonly universes: readonly Universe[];
  /** What it starts from. */
  readonly sweep: Sweep | null;
}

function LoadedForm({ search, onStarted, universes, sweep }: LoadedProps) {
  const { preferences } = useMe();
  const [values, setValues] = useState(() =>
    startForm(search, preferences, firstUniverse(universes, [search.universe, preferences.default_universe]), sweep),
  );
  const [tried, setTried] = useState(false);
  const may = useMay("trading.add_walkforwardrun");
  const start = useStartWalkForward();
  const form = useRef<HTMLFormElement>(null);
  const server = serverErrors(start.error);
  const errors: FormErrors = { ...server.errors, ...(tried ? checkForm(values) : {}) };
  const set = <Field extends FormField>(field: Field, value: FormValues[Field]) => setValues((before) => ({ ...before, [field]: value }));
  const bind = (field: Exclude<FormField, "subject">) => ({
    name: field,
    value: values[field],
    error: errors[field],
    onChange: (event: { currentTarget: { value: string } }) => set(field, event.currentTarget.value as never),
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    const wrong = checkForm(values);
    const first = FORM_FIELDS.find((field) => wrong[field]);
    if (first) form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
    else start.mutate(toRequest(values, sweep), { onSuccess: ({ id }) => onStarted(id) });
  };

  return (
    <form ref={form} className={styles.form} onSubmit={submit} noValidate aria-label="New walk-forward">
      <SegmentedControl
        className={styles.wide}
        aria-label="Walk through"
        data={SUBJECTS}
        value={values.subject}
        onChange={(subject) => set("subject", subject as FormValues["subject"])}
      />
      <SubjectField values={values} bind={bind} universes={universes} />
      <TextInput label="Training, bars" description="2 years are 504" inputMode="numeric" {...bind("train_bars")} />
      <TextInput label="Test, bars" description="half a year is 126" inputMode="numeric" {...bind("test_bars")} />
      {values.subject === "pairs" ? null : (
        <>
          <TextInput label="Pairs a window" inputMode="numeric" {...bind("top")} />
          <NativeSelect label="Chosen" data={SELECTIONS} {...bind("selection")} />
        </>
      )}
      <GridFields bind={bind} />
      <OtherSettings values={values} sweep={sweep} onDrop={() => setValues((before) => ({ ...before, others: {}, parameters: {} }))} />
      <p className={styles.note} role="status">
        {plural(combinations(values), "combination")} a pair and window. Each one counts as a trial, and makes the result
        harder to believe.
      </p>
      <Further bind={bind} own={sweep !== null} open={["scheme", "costs", "capital", "purge", "embargo", "start_date", "end_date", "name"].some((name) => errors[name as FormField])} />
      {start.error && server.rest ? (
        <div className={styles.wide}>
          <ErrorNotice error={start.error} what="The walk-forward was not started" />
        </div>
      ) : null}
      <div className={styles.submit}>
        <Button type="submit" loading={start.isPending} disabled={!may}>
          Start
        </Button>
        {may ? null : <span className={styles.muted}>Your role may not start walk-forwards.</span>}
      </div>
    </form>
  );
}

type Bind = (field: Exclude<FormField, "subject">) => {
  name: string;
  value: string;
  error: string | undefined;
  onChange: (event: { currentTarget: { value: string } }) => void;
};

function SubjectField({ values, bind, universes }: { readonly values: FormValues; readonly bind: Bind; readonly universes: readonly Universe[] }) {
  const scans = useQuery({ ...scansQuery, enabled: values.subject === "scan" });
  if (values.subject === "pairs") {
    return <Textarea className={styles.wide} label="Pairs, one a line" placeholder="KO / PEP" rows={4} {...bind("pairs")} />;
  }
  if (values.subject === "scan") {
    const finished = scans.data?.results.filter(({ completed_at }) => completed_at !== null) ?? [];
    const data = [{ value: "", label: "Choose a scan" }, ...finished.map((scan) => ({ value: String(scan.id), label: `${scan.id} · ${subjectWords(scan)}` }))];
    return <NativeSelect className={styles.wide} label="Scan" description="Its symbols are walked through; pairs are chosen anew in every window" data={data} {...bind("scan")} />;
  }
  const data = universes.map(({ id, name }) => ({ value: String(id), label: name }));
  return <NativeSelect className={styles.wide} label="Universe" data={data} {...bind("universe")} />;
}

function GridFields({ bind }: { readonly bind: Bind }) {
  const { data: rules = [] } = useQuery(rulesQuery);
  const data = rules.length === 0 ? [{ value: "rolling", label: "Rolling z-score" }] : rules.map(({ id, title }) => ({ value: id, label: title }));
  return (
    <>
      <NativeSelect className={styles.wide} label="Rule" data={data} {...bind("rule")} />
      <TextInput label="Entry, deviations" description="values tried" {...bind("entry_z")} />
      <TextInput label="Window, bars" description="values tried" {...bind("window")} />
      <TextInput label="Exit, deviations" {...bind("exit_z")} />
      <TextInput label="Stop, deviations" placeholder="off" {...bind("stop_z")} />
    </>
  );
}

/** What a sweep brings along that has no field here: said, and left out on request. */
function OtherSettings({ values, sweep, onDrop }: { readonly values: FormValues; readonly sweep: Sweep | null; readonly onDrop: () => void }) {
  if (sweep === null) return null;
  const tried = Object.entries(values.others).map(([name, each]) => `${settingWords(name)} ${each.map(settingValue).join(", ")}`);
  const kept = Object.keys(values.parameters).length > 0;
  return (
    <p className={styles.note}>
      From sweep {sweep.id}
      {tried.length > 0 ? `; tried too: ${tried.join("; ")}` : ""}
      {kept ? "; its other settings are kept" : ""}.{" "}
      {kept || tried.length > 0 ? (
        <Button variant="subtle" size="compact-xs" mih={24} onClick={onDrop}>
          Leave them out
        </Button>
      ) : null}
    </p>
  );
}

/** Seldom changed: shown when asked for, or when something in it is wrong. */
function Further({ bind, open, own }: { readonly bind: Bind; readonly open: boolean; readonly own: boolean }) {
  const { data: models = [] } = useQuery(costModelsQuery);
  const costs = [...(own ? [{ value: "own", label: "As the sweep had them" }] : []), { value: "", label: "As the bars allow" }, ...models.map(({ id, title }) => ({ value: id, label: title }))];
  return (
    <details className={styles.wide} open={open || undefined}>
      <summary className={styles.summary}>Costs, capital, dates, gaps</summary>
      <div className={styles.form}>
        <NativeSelect label="Costs" data={costs} {...bind("costs")} />
        <TextInput label="Capital" inputMode="decimal" {...bind("capital")} />
        <NativeSelect className={styles.wide} label="Scheme" data={SCHEMES} {...bind("scheme")} />
        <TextInput label="Purge, bars" description="left out before a test" placeholder="longest time stop, or 60" inputMode="numeric" {...bind("purge")} />
        <TextInput label="Embargo, bars" description="left out after it" placeholder="longest lookback" inputMode="numeric" {...bind("embargo")} />
        <TextInput type="date" label="From" {...bind("start_date")} />
        <TextInput type="date" label="to" {...bind("end_date")} />
        <TextInput className={styles.wide} label="Name" maxLength={120} {...bind("name")} />
      </div>
    </details>
  );
}
