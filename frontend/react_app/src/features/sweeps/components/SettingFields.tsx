import { Checkbox, TextInput } from "@mantine/core";

import type { RuleCard, RuleSetting } from "@/lib/api";

import type { FormErrors, SettingValues } from "../form";
import type { Method } from "../search";
import styles from "./sweeps.module.css";

interface Props {
  readonly rule: RuleCard | undefined;
  readonly method: Method;
  readonly settings: Readonly<Record<string, SettingValues>>;
  readonly errors: FormErrors;
  readonly onSetting: (name: string, patch: Partial<SettingValues>) => void;
}

const UNITS: Readonly<Record<string, string>> = { deviations: "σ", fraction: "share", variance: "" };

function unitOf({ unit }: RuleSetting): string {
  const short = UNITS[unit] ?? unit;
  return short === "" ? "" : `, ${short}`;
}

/** A line a setting: ticked it varies between two ends, otherwise it keeps its value. */
export function SettingFields({ rule, method, settings, errors, onSetting }: Props) {
  const all = rule?.parameters ?? [];
  const line = (setting: RuleSetting) => {
    const values = settings[setting.name];
    return values ? <Line key={setting.name} setting={setting} values={values} method={method} errors={errors} onChange={(patch) => onSetting(setting.name, patch)} /> : null;
  };
  const rare = all.filter(({ name, advanced }) => advanced && !settings[name]?.varies);
  const wrong = rare.some(({ name }) => Object.keys(errors).some((field) => field.startsWith(`settings.${name}.`)));
  return (
    <div className={styles.lines}>
      <p className={styles.muted}>Tick what varies.</p>
      {all.filter((setting) => !rare.includes(setting)).map(line)}
      {rare.length === 0 ? null : (
        <details open={wrong || undefined}>
          <summary className={styles.summary}>More settings</summary>
          <div className={styles.lines}>{rare.map(line)}</div>
        </details>
      )}
    </div>
  );
}

interface LineProps {
  readonly setting: RuleSetting;
  readonly values: SettingValues;
  readonly method: Method;
  readonly errors: FormErrors;
  readonly onChange: (patch: Partial<SettingValues>) => void;
}

type Typed = "value" | "from" | "to" | "n" | "step";

function Line({ setting, values, method, errors, onChange }: LineProps) {
  const { name, title, help, minimum, maximum, integer, can_be_off: off } = setting;
  const field = (part: Typed, words: string, placeholder?: string) => (
    <TextInput
      size="xs"
      aria-label={`${title}, ${words}`}
      name={`settings.${name}.${part}`}
      leftSection={part === "value" ? undefined : <span className={styles.part}>{words}</span>}
      leftSectionWidth={part === "value" ? undefined : 46}
      inputMode={integer || part === "n" ? "numeric" : "decimal"}
      placeholder={placeholder}
      value={values[part]}
      error={errors[`settings.${name}.${part}`]}
      onChange={(event) => onChange({ [part]: event.currentTarget.value })}
    />
  );
  return (
    <div className={styles.line} data-varies={values.varies || undefined}>
      <Checkbox
        size="xs"
        label={`${title}${unitOf(setting)}`}
        title={`${help} ${minimum} to ${maximum}.`}
        aria-label={`Vary ${title}`}
        checked={values.varies}
        onChange={(event) => onChange({ varies: event.currentTarget.checked })}
      />
      {values.varies ? (
        <>
          {field("from", "from")}
          {field("to", "to")}
          {method === "grid" ? field("n", "values") : field("step", "step", "any")}
          {method === "search" ? (
            <Checkbox size="xs" label="by ratio" aria-label={`${title} by ratio`} checked={values.log} onChange={(event) => onChange({ log: event.currentTarget.checked })} />
          ) : null}
        </>
      ) : (
        field("value", "value", off ? "off" : undefined)
      )}
    </div>
  );
}
