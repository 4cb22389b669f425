import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState, type SubmitEvent } from "react";

import { ErrorNotice } from "@/components/feedback";
import { asApiError } from "@/lib/api";
import { EXCHANGE_ZONE, localZone } from "@/lib/displayZone";
import { universesQuery, useMe, useSavePreferences } from "@/lib/queries";

import { Saved } from "../components/Saved";
import styles from "../components/settings.module.css";
import {
  changedPreferences,
  checkPreferences,
  toForm,
  type PreferenceErrors,
  type PreferenceField,
} from "./preferencesForm";
import { preferenceErrors } from "./serverErrors";

const THEMES = [
  { value: "system", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];
const ORDER: ("label" | "input" | "error" | "description")[] = ["label", "input", "error", "description"];

/** Every zone the browser knows, for typing a few letters of. */
const ZONES = Intl.supportedValuesOf("timeZone");

/** How TITAN looks, and what new scans, pairs and backtests start from. */
export function PreferencesSection() {
  const { preferences } = useMe();
  const universes = useQuery(universesQuery);
  const [form, setForm] = useState(() => toForm(preferences));
  const [tried, setTried] = useState(false);
  const box = useRef<HTMLFormElement>(null);
  const save = useSavePreferences();
  const server = save.error ? preferenceErrors(asApiError(save.error)) : null;
  const errors: PreferenceErrors = { ...server?.errors, ...(tried ? checkPreferences(form) : {}) };
  const changes = changedPreferences(form, preferences);
  const clean = Object.keys(changes).length === 0;

  const set = (field: PreferenceField, value: string) => {
    save.reset();
    setForm({ ...form, [field]: value });
  };
  const field = (name: PreferenceField) => ({
    name,
    value: form[name],
    error: errors[name],
    inputWrapperOrder: ORDER,
    onChange: (event: { currentTarget: { value: string } }) => set(name, event.currentTarget.value),
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    const [wrong] = Object.keys(checkPreferences(form));
    if (wrong !== undefined) box.current?.querySelector<HTMLElement>(`[name="${wrong}"]`)?.focus();
    else save.mutate(changes);
  };

  return (
    <form ref={box} className={styles.block} onSubmit={submit} noValidate>
      <h2>Preferences</h2>
      <p className={styles.lead}>They hold wherever you log in. What an address or a form says wins over them.</p>
      <h3>Looks</h3>
      <div className={styles.fields}>
        <NativeSelect label="Theme" data={THEMES} {...field("theme")} />
        <div>
          <TextInput
            label="Time zone"
            description="Every time on screen stands in it, and says so. Days of prices stay the exchange's."
            list="titan-zones"
            spellCheck={false}
            autoComplete="off"
            {...field("timezone")}
          />
          <datalist id="titan-zones">
            {ZONES.map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
          <ZoneChoices chosen={form.timezone} onChoose={(zone) => set("timezone", zone)} />
        </div>
      </div>
      <h3>New scans start with</h3>
      <div className={styles.fields}>
        <NativeSelect
          className={styles.wide}
          label="Universe"
          data={[
            { value: "", label: "The first with real prices" },
            ...(universes.data?.results ?? []).map(({ id, name }) => ({ value: String(id), label: name })),
          ]}
          {...field("default_universe")}
        />
        <TextInput label="Window, years" inputMode="numeric" {...field("scan_window_years")} />
        <TextInput label="Least overlap, bars" inputMode="numeric" {...field("min_overlap")} />
        <TextInput
          label="Level, %"
          description="Share of false pairs to accept among the survivors."
          inputMode="decimal"
          {...field("alpha")}
        />
      </div>
      <h3>Pairs</h3>
      <div className={styles.fields}>
        <TextInput
          label="Enter at z of"
          description="Bands and entry lines stand there on the Pair page."
          inputMode="decimal"
          {...field("entry_z")}
        />
        <TextInput label="Leave at z of" description="Below the entry." inputMode="decimal" {...field("exit_z")} />
      </div>
      <h3>Money</h3>
      <div className={styles.fields}>
        <TextInput label="Capital" inputMode="decimal" {...field("capital")} />
        <TextInput label="Currency" maxLength={3} {...field("base_currency")} />
        <TextInput label="Risk per trade, % of capital" inputMode="decimal" {...field("risk_per_trade")} />
        <TextInput
          label="Gross limit, × capital"
          description="Long and short together."
          inputMode="decimal"
          {...field("gross_limit")}
        />
      </div>
      {save.error && server && Object.keys(server.errors).length === 0 ? (
        <ErrorNotice error={save.error} what="The preferences were not saved" />
      ) : null}
      <div className={styles.foot}>
        <Button type="submit" loading={save.isPending} disabled={clean}>
          Save
        </Button>
        {clean ? null : (
          <Button variant="default" onClick={() => setForm(toForm(preferences))}>
            Undo the changes
          </Button>
        )}
        <Saved shown={save.isSuccess && clean} />
      </div>
    </form>
  );
}

/** The three clocks people ask about, at a press. */
function ZoneChoices({ chosen, onChoose }: { chosen: string; onChoose: (zone: string) => void }) {
  const choices = [
    { zone: "UTC", label: "UTC" },
    { zone: EXCHANGE_ZONE, label: "Exchange" },
    { zone: localZone(), label: "This computer" },
  ];
  return (
    <div className={styles.row} role="group" aria-label="Usual time zones">
      {choices.map(({ zone, label }) => (
        <Button
          key={label}
          variant="default"
          size="compact-xs"
          mt={4}
          title={zone}
          aria-pressed={zone === chosen}
          onClick={() => onChoose(zone)}
        >
          {label}
        </Button>
      ))}
    </div>
  );
}
