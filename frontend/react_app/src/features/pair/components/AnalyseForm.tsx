import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useState, type SubmitEvent } from "react";

import { mapServerErrors } from "@/components/form";
import { SymbolField } from "@/components/symbols";
import { asApiError } from "@/lib/api";

import {
  ANALYSE_FIELDS,
  checkAnalyse,
  fromSearch,
  toSearch,
  withEffectiveWindow,
  type AnalyseErrors,
  type AnalyseValues,
  type EffectiveWindow,
} from "../analyseForm";
import type { PairSearch } from "../search";
import styles from "./pair.module.css";

interface Props {
  readonly search: PairSearch;
  readonly onAnalyse: (patch: Partial<PairSearch>) => void;
  readonly busy: boolean;
  /** What the server refused about the analysis on screen. */
  readonly error: Error | null;
  /** The days of the analysis on screen; null while there is none. */
  readonly effective: EffectiveWindow | null;
}

const NO_FIELD: ReadonlySet<keyof AnalyseValues> = new Set();

/** The sentence stands under the form, where it has room; here it only describes its field. */
const HIDDEN = { className: "visually-hidden" };

const DATES_WORDS = "Where no date is asked for: the last ten years that both legs have";
const TRENDS = [
  { value: "c", label: "Constant" },
  { value: "ct", label: "Constant, trend" },
  { value: "ctt", label: "Constant, trend²" },
  { value: "n", label: "None" },
];

/** Two legs, a window and how to test them. The address holds what was last asked for. */
export function AnalyseForm({ search, onAnalyse, busy, error, effective }: Props) {
  const [asked, setAsked] = useState(() => fromSearch(search));
  const [touched, setTouched] = useState(NO_FIELD);
  const values = withEffectiveWindow(asked, effective, touched);
  const [tried, setTried] = useState(false);
  const server = error ? mapServerErrors(asApiError(error).fields, ANALYSE_FIELDS).errors : {};
  const errors: AnalyseErrors = { ...server, ...(tried ? checkAnalyse(values) : {}) };

  const set = <Field extends keyof AnalyseValues>(field: Field, value: AnalyseValues[Field]) => {
    setAsked((before) => ({ ...before, [field]: value }));
    setTouched((before) => new Set([...before, field]));
  };
  const text = (field: Exclude<keyof AnalyseValues, "trend">) => ({
    name: field,
    value: values[field],
    error: errors[field],
    errorProps: HIDDEN,
    onChange: (event: { currentTarget: { value: string } }) => set(field, event.currentTarget.value),
  });
  const symbol = (field: "symbol_1" | "symbol_2") => ({
    name: field,
    w: 104,
    value: values[field],
    error: errors[field],
    errorProps: HIDDEN,
    onChange: (value: string) => set(field, value),
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(checkAnalyse(values)).length > 0) return;
    const byHand = touched.has("start_date") || touched.has("end_date");
    onAnalyse(toSearch(byHand ? values : asked));
  };

  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label="Analyse a pair">
      <SymbolField label="First leg" {...symbol("symbol_1")} />
      <SymbolField label="Second leg" {...symbol("symbol_2")} />
      <TextInput type="date" label="Formation from" title={DATES_WORDS} w={132} {...text("start_date")} />
      <TextInput type="date" label="to" title={DATES_WORDS} w={132} {...text("end_date")} />
      <TextInput label="z window" title="Bars of the trailing mean, deviation and z-score" inputMode="numeric" w={80} {...text("window")} />
      <TextInput label="Level, %" inputMode="decimal" w={72} {...text("significance_level")} />
      <TextInput label="Least corr." inputMode="decimal" w={80} {...text("min_correlation")} />
      <NativeSelect
        label="Trend"
        name="trend"
        w={132}
        data={TRENDS}
        value={values.trend}
        error={errors.trend}
        errorProps={HIDDEN}
        onChange={(event) => set("trend", event.currentTarget.value as AnalyseValues["trend"])}
      />
      <div className={styles.submit}>
        <Button type="submit" loading={busy}>
          Analyse
        </Button>
      </div>
      <Refusals errors={errors} />
    </form>
  );
}

const LABELS: Record<keyof AnalyseValues, string> = {
  symbol_1: "First leg",
  symbol_2: "Second leg",
  start_date: "Formation from",
  end_date: "Formation to",
  window: "z window",
  significance_level: "Level, %",
  min_correlation: "Least corr.",
  trend: "Trend",
};

/** What is wrong, in a line as wide as the form. Each field says its own to those who hear the page. */
function Refusals({ errors }: { readonly errors: AnalyseErrors }) {
  const wrong = ANALYSE_FIELDS.filter((field) => errors[field]);
  if (wrong.length === 0) return null;
  return (
    <ul className={styles.refusals} aria-hidden>
      {wrong.map((field) => (
        <li key={field}>
          <strong>{LABELS[field]}:</strong> {errors[field]}
        </li>
      ))}
    </ul>
  );
}
