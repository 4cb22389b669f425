import { NativeSelect, TextInput } from "@mantine/core";

import type { RuleCard, RuleSetting } from "@/lib/api";

import type { RunFormErrors, RunFormValues } from "../runForm";
import styles from "./form.module.css";

interface Props {
  readonly values: RunFormValues;
  readonly errors: RunFormErrors;
  readonly rules: readonly RuleCard[];
  readonly rule: RuleCard | undefined;
  readonly onRule: (rule: string) => void;
  readonly onParameter: (name: string, text: string) => void;
}

const UNITS: Readonly<Record<string, string>> = { deviations: "σ", fraction: "share", variance: "" };

function labelOf({ title, unit }: RuleSetting): string {
  const short = UNITS[unit] ?? unit;
  return short === "" ? title : `${title}, ${short}`;
}

/** A rule and its settings, drawn from what the server says of them. */
export function RuleFields({ values, errors, rules, rule, onRule, onParameter }: Props) {
  const settings = rule?.parameters ?? [];
  const field = (setting: RuleSetting) => (
    <TextInput
      key={setting.name}
      label={labelOf(setting)}
      title={`${setting.help} ${setting.minimum} to ${setting.maximum}.`}
      name={`parameters.${setting.name}`}
      inputMode={setting.integer ? "numeric" : "decimal"}
      placeholder={setting.can_be_off ? "off" : undefined}
      value={values.parameters[setting.name] ?? ""}
      error={errors[`parameters.${setting.name}`]}
      onChange={(event) => onParameter(setting.name, event.currentTarget.value)}
    />
  );
  const rare = settings.filter(({ advanced }) => advanced);
  const wrong = rare.some(({ name }) => errors[`parameters.${name}`] !== undefined);
  return (
    <fieldset className={styles.set}>
      <legend>Rule</legend>
      <NativeSelect
        className={styles.wide}
        label="Rule"
        name="rule"
        data={rules.map(({ id, title }) => ({ value: id, label: title }))}
        value={values.rule}
        error={errors.rule}
        onChange={(event) => onRule(event.currentTarget.value)}
      />
      <p className={styles.help}>{rule?.description}</p>
      {settings.filter(({ advanced }) => !advanced).map(field)}
      {rare.length === 0 ? null : (
        <details className={styles.more} open={wrong || undefined}>
          <summary>More settings</summary>
          <div className={styles.inner}>{rare.map(field)}</div>
        </details>
      )}
    </fieldset>
  );
}
