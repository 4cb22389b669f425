import { NativeSelect, SegmentedControl, Textarea, TextInput } from "@mantine/core";

import { SymbolField } from "@/components/symbols";
import type { Scan } from "@/lib/api";
import { plural } from "@/lib/format";
import { subjectWords } from "@/lib/scanWords";

import type { RunFormErrors, RunFormValues } from "../runForm";
import type { RunKind } from "../search";
import styles from "./form.module.css";
import type { SetField } from "./RunForm";

interface Props {
  readonly values: RunFormValues;
  readonly errors: RunFormErrors;
  readonly scans: readonly Scan[];
  readonly set: SetField;
}

const KINDS: { value: RunKind; label: string }[] = [
  { value: "pair", label: "One pair" },
  { value: "list", label: "A list" },
  { value: "selection", label: "Best of a scan" },
];

/** One pair, several, or the best of a scan; and over which days. */
export function TradedFields({ values, errors, scans, set }: Props) {
  const date = (field: "start_date" | "end_date") => ({
    name: field,
    value: values[field],
    error: errors[field],
    onChange: (event: { currentTarget: { value: string } }) => set(field, event.currentTarget.value),
  });
  return (
    <fieldset className={styles.set}>
      <legend>What is traded</legend>
      <SegmentedControl
        className={styles.wide}
        aria-label="What is traded"
        data={KINDS}
        value={values.kind}
        onChange={(value) => set("kind", value)}
      />
      {values.kind === "pair" ? (
        <>
          <SymbolField label="First leg" name="symbol_1" value={values.symbol_1} error={errors.symbol_1} onChange={(value) => set("symbol_1", value)} />
          <SymbolField label="Second leg" name="symbol_2" value={values.symbol_2} error={errors.symbol_2} onChange={(value) => set("symbol_2", value)} />
        </>
      ) : values.kind === "list" ? (
        <Textarea
          className={styles.wide}
          label="Pairs, one a line"
          name="list"
          placeholder={"KO / PEP\nXOM / CVX"}
          rows={6}
          value={values.list}
          error={errors.list}
          onChange={(event) => set("list", event.currentTarget.value)}
        />
      ) : (
        <ScanFields values={values} errors={errors} scans={scans} set={set} />
      )}
      <TextInput type="date" label="Traded from" {...date("start_date")} />
      <TextInput type="date" label="to" {...date("end_date")} />
      <p className={styles.help}>
        Hedge ratios are fitted on the bars before the first day traded. Without dates: the last ten years, of which the
        first third fits and the rest is traded.
      </p>
    </fieldset>
  );
}

function ScanFields({ values, errors, scans, set }: Props) {
  return (
    <>
      <NativeSelect
        className={styles.wide}
        label="Scan"
        name="scan"
        data={[
          ...(values.scan === "" ? [{ value: "", label: scans.length === 0 ? "No finished scan" : "Choose…" }] : []),
          ...scans.map((scan) => ({
            value: String(scan.id),
            label: `${scan.id} · ${subjectWords(scan)}, ${plural(scan.n_discoveries, "pair")} survive`,
          })),
        ]}
        value={values.scan}
        error={errors.scan}
        onChange={(event) => set("scan", event.currentTarget.value)}
      />
      <TextInput
        label="Best pairs"
        name="top"
        inputMode="numeric"
        value={values.top}
        error={errors.top}
        onChange={(event) => set("top", event.currentTarget.value)}
      />
      <p className={styles.help}>
        A scan has seen its own window: trade the days after it, or use a walk-forward, which chooses its pairs anew
        before each window.
      </p>
    </>
  );
}
