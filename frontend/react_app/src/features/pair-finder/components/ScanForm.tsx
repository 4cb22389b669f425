import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useId, useRef, useState, type SubmitEvent } from "react";

import { ErrorNotice, SkeletonRows } from "@/components/feedback";
import { mapServerErrors } from "@/components/form";
import { asApiError, type Universe } from "@/lib/api";
import { formatBarDate, plural } from "@/lib/format";
import { universesQuery, useMay, useMe } from "@/lib/queries";

import { useStartScan } from "../api/mutations";
import {
  checkForm,
  emptyForm,
  FORM_FIELDS,
  toRequest,
  windowOf,
  type DataSpan,
  type ScanFormErrors,
  type ScanFormValues,
} from "../scanForm";
import styles from "./finder.module.css";

interface Props {
  readonly universe: number | undefined;
  readonly onUniverse: (universe: number | undefined) => void;
  readonly onStarted: (scan: number) => void;
}

/** Loads what the form offers, then shows it. */
export function ScanForm(props: Props) {
  const { data, error, refetch } = useQuery(universesQuery);
  if (error) return <ErrorNotice error={error} what="The universes could not be loaded" onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={8} label="Loading the universes" />;
  return <LoadedForm {...props} universes={data.results} />;
}

function spanOf(universe: Universe | undefined): DataSpan | null {
  const { first, last } = universe?.coverage ?? {};
  return first && last ? { first: formatBarDate(first), last: formatBarDate(last) } : null;
}

function withWindow(values: ScanFormValues, span: DataSpan | null, years: number | null): ScanFormValues {
  if (span === null) return { ...values, start_date: "", end_date: "" };
  const { start, end } = windowOf(span, years);
  return { ...values, start_date: start, end_date: end };
}

function useScanForm(universes: readonly Universe[], wanted: number | undefined) {
  const { preferences } = useMe();
  const years = preferences.scan_window_years;
  const find = (id: string) => universes.find((each) => String(each.id) === id);
  const [values, setValues] = useState<ScanFormValues>(() => {
    const real = universes.find((each) => each.source !== "synthetic") ?? universes[0];
    // An address or a preference may outlive its universe.
    const id = [wanted, preferences.default_universe].find((each) => each != null && find(String(each))) ?? real?.id;
    const first = emptyForm(id === undefined ? "" : String(id), {
      alpha: preferences.alpha,
      minOverlap: preferences.min_overlap,
    });
    return withWindow(first, spanOf(find(first.universe)), years);
  });
  const span = spanOf(find(values.universe));
  const set = <Field extends keyof ScanFormValues>(field: Field, value: ScanFormValues[Field]) => {
    setValues((before) => {
      const next = { ...before, [field]: value };
      return field === "universe" ? withWindow(next, spanOf(find(String(value))), years) : next;
    });
  };
  const setYears = (count: number | null) => setValues((before) => withWindow(before, span, count));
  return { values, span, years, set, setYears };
}

/** Fields of a row stand in line; what explains them comes below. */
const ORDER: ("label" | "input" | "error" | "description")[] = ["label", "input", "error", "description"];

const TRENDS = [
  { value: "c", label: "Constant" },
  { value: "ct", label: "Constant and trend" },
  { value: "ctt", label: "Constant, trend, squared trend" },
  { value: "n", label: "None" },
];
const LAGS = [
  { value: "aic", label: "AIC" },
  { value: "bic", label: "BIC" },
  { value: "t-stat", label: "t statistic" },
  { value: "fixed", label: "Fixed number" },
];
const CORRECTIONS = [
  { value: "by", label: "Benjamini–Yekutieli (BY)" },
  { value: "bh", label: "Benjamini–Hochberg (BH)" },
];

function LoadedForm({ universes, universe, onUniverse, onStarted }: Props & { readonly universes: readonly Universe[] }) {
  const { values, span, years, set, setYears } = useScanForm(universes, universe);
  const [tried, setTried] = useState(false);
  const mayScan = useMay("trading.add_scan");
  const start = useStartScan();
  const formRef = useRef<HTMLFormElement>(null);
  const server = start.error ? mapServerErrors(asApiError(start.error).fields, FORM_FIELDS) : null;
  const own = tried ? checkForm(values, span) : {};
  const errors: ScanFormErrors = { ...server?.errors, ...own };

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    const wrong = Object.keys(checkForm(values, span));
    if (wrong.length > 0) {
      formRef.current?.querySelector<HTMLElement>(`[name="${wrong[0] ?? ""}"]`)?.focus();
      return;
    }
    start.mutate(toRequest(values), { onSuccess: (scan) => onStarted(scan.id) });
  };
  const text = (field: "start_date" | "end_date" | "max_lag" | "alpha" | "min_overlap") => ({
    name: field,
    value: values[field],
    error: errors[field],
    onChange: (event: { currentTarget: { value: string } }) => {
      start.reset();
      set(field, event.currentTarget.value);
    },
  });

  const chosen = universes.find((each) => String(each.id) === values.universe);
  return (
    <form ref={formRef} className={styles.form} onSubmit={submit} noValidate>
      <NativeSelect
        inputWrapperOrder={ORDER}
        className={styles.wide}
        label="Universe"
        name="universe"
        description={chosen ? universeWords(chosen, span) : "Which symbols are paired with each other."}
        data={[
          ...(values.universe === "" ? [{ value: "", label: "Choose…" }] : []),
          ...universes.map(({ id, name }) => ({ value: String(id), label: name })),
        ]}
        value={values.universe}
        error={errors.universe}
        onChange={(event) => {
          set("universe", event.currentTarget.value);
          onUniverse(Number(event.currentTarget.value) || undefined);
        }}
      />
      <TextInput type="date" label="From" min={span?.first} max={span?.last} {...text("start_date")} />
      <TextInput type="date" label="To" min={span?.first} max={span?.last} {...text("end_date")} />
      <WindowPresets years={years} onYears={setYears} disabled={span === null} />
      <NativeSelect
        inputWrapperOrder={ORDER}
        label="Trend"
        name="trend"
        description="Deterministic part of the regression. A constant fits most pairs of stocks."
        data={TRENDS}
        value={values.trend}
        error={errors.trend}
        onChange={(event) => set("trend", event.currentTarget.value as ScanFormValues["trend"])}
      />
      <NativeSelect
        inputWrapperOrder={ORDER}
        label="Lag rule"
        name="autolag"
        description="How many lags the test's regression takes to leave no autocorrelation."
        data={LAGS}
        value={values.autolag}
        error={errors.autolag}
        onChange={(event) => set("autolag", event.currentTarget.value as ScanFormValues["autolag"])}
      />
      <TextInput
        inputWrapperOrder={ORDER}
        label={values.autolag === "fixed" ? "Lags" : "Most lags"}
        description={values.autolag === "fixed" ? "Used for every pair." : "Empty: 12 × the fourth root of bars/100: 27 at ten years."}
        inputMode="numeric"
        {...text("max_lag")}
      />
      <TextInput
        inputWrapperOrder={ORDER}
        label="Least overlap, bars"
        description="Pairs with fewer common bars are skipped, with the reason."
        inputMode="numeric"
        {...text("min_overlap")}
      />
      <NativeSelect
        inputWrapperOrder={ORDER}
        label="Correction"
        name="fdr"
        description="BY holds under any dependence between tests; BH finds more and assumes more."
        data={CORRECTIONS}
        value={values.fdr}
        error={errors.fdr}
        onChange={(event) => set("fdr", event.currentTarget.value as ScanFormValues["fdr"])}
      />
      <TextInput
        inputWrapperOrder={ORDER}
        label="Level, %"
        description="Share of false pairs to accept among the survivors."
        inputMode="decimal"
        {...text("alpha")}
      />
      <Checkbox
        className={styles.wide}
        label="Within sectors only"
        description="Pairs are formed inside a sector. Fewer tests, so a gentler correction."
        checked={values.within_sectors}
        onChange={(event) => set("within_sectors", event.currentTarget.checked)}
      />
      <div className={styles.wide}>
        {start.error ? <FormError error={start.error} mapped={server} /> : null}
        <Button type="submit" variant="filled" loading={start.isPending} disabled={!mayScan}>
          Scan
        </Button>
        {mayScan ? null : <p className={styles.muted}>Your role does not start scans: ask an administrator for the trader's.</p>}
      </div>
    </form>
  );
}

function universeWords(universe: Universe, span: DataSpan | null): string {
  const size = plural(universe.n_symbols, "symbol");
  return span === null ? `${size}, no data yet` : `${size}, data from ${span.first} to ${span.last}`;
}

function FormError({ error, mapped }: { readonly error: Error; readonly mapped: ReturnType<typeof mapServerErrors> | null }) {
  // What stands at its field needs no second place.
  const known = Object.keys(mapped?.errors ?? {}).length > 0 && mapped?.rest.length === 0;
  return known ? null : <ErrorNotice error={error} what="The scan was not started" />;
}

interface PresetProps {
  readonly years: number;
  readonly onYears: (years: number | null) => void;
  readonly disabled: boolean;
}

function WindowPresets({ years, onYears, disabled }: PresetProps) {
  const id = useId();
  const counts = [...new Set([3, 5, years])].sort((a, b) => a - b);
  return (
    <div className={`${styles.wide ?? ""} ${styles.presets ?? ""}`} role="group" aria-labelledby={id}>
      <span id={id} className={styles.muted}>
        Window: last
      </span>
      {counts.map((count) => (
        <Button key={count} variant="default" size="compact-xs" disabled={disabled} onClick={() => onYears(count)}>
          {plural(count, "year")}
        </Button>
      ))}
      <Button variant="default" size="compact-xs" disabled={disabled} onClick={() => onYears(null)}>
        all data
      </Button>
    </div>
  );
}
