import { NativeSelect, TextInput } from "@mantine/core";
import { useId } from "react";

import type { Universe } from "@/lib/api";

import { AFTER_FILE, NAMED, NONE, type UploadOptionErrors, type UploadOptions } from "./options";
import styles from "./upload.module.css";

interface Props {
  readonly options: UploadOptions;
  readonly errors: UploadOptionErrors;
  readonly universes: readonly Universe[];
  readonly onChange: (options: UploadOptions) => void;
}

const ADJUSTMENTS = [
  { value: "auto", label: "As the file says" },
  { value: "raw", label: "Unadjusted" },
  { value: "split", label: "Split-adjusted" },
  { value: "total_return", label: "Total return" },
];
const DATE_ORDERS = [
  { value: "auto", label: "As the file shows" },
  { value: "day_first", label: "Day first (31/12/2020)" },
  { value: "month_first", label: "Month first (12/31/2020)" },
];
const LAYOUTS = [
  { value: "auto", label: "As the file shows" },
  { value: "long", label: "A row for each bar" },
  { value: "wide", label: "A column for each symbol" },
];
const DECIMALS = [
  { value: "auto", label: "As the file shows" },
  { value: ".", label: "Point (1.50)" },
  { value: ",", label: "Comma (1,50)" },
];
const CALENDARS = ["XNYS", "XNAS", "XLON", "XETR", "XPAR", "XAMS", "XSWX", "XTKS", "XHKG", "XASX", "XTSE", "24/7"];

/** What the file itself does not say. Each is right as it stands for most files. */
export function OptionsForm({ options, errors, universes, onChange }: Props) {
  const calendars = useId();
  const set = (change: Partial<UploadOptions>) => onChange({ ...options, ...change });
  const text = (name: "universe_name" | "source" | "symbol" | "calendar" | "timezone") => ({
    name,
    value: options[name],
    error: errors[name],
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
  });
  const choice = (name: "into" | "adjustment" | "date_order" | "layout" | "decimal") => ({
    name,
    value: options[name],
    error: errors[name],
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
  });
  const into = [
    { value: AFTER_FILE, label: "New, named after the file" },
    { value: NAMED, label: "New, named here" },
    ...universes.map(({ id, name }) => ({ value: String(id), label: name })),
    { value: NONE, label: "None" },
  ];
  return (
    <div className={styles.form}>
      <NativeSelect label="Into universe" data={into} {...choice("into")} />
      {options.into === NAMED ? <TextInput label="Name of the universe" maxLength={100} {...text("universe_name")} /> : null}
      <NativeSelect label="Adjustment" data={ADJUSTMENTS} {...choice("adjustment")} />
      <NativeSelect label="Order of dates" data={DATE_ORDERS} {...choice("date_order")} />
      <TextInput label="Exchange calendar" list={calendars} {...text("calendar")} />
      <datalist id={calendars}>
        {CALENDARS.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <TextInput label="Time zone" placeholder="the exchange's" {...text("timezone")} />
      <TextInput label="Symbol" placeholder="if the file names none" {...text("symbol")} />
      <NativeSelect label="Layout" data={LAYOUTS} {...choice("layout")} />
      <NativeSelect label="Decimal mark" data={DECIMALS} {...choice("decimal")} />
      <TextInput label="Source to note" placeholder="file" maxLength={40} {...text("source")} />
    </div>
  );
}
