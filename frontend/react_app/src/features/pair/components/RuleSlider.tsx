import { useId } from "react";

import type { RuleSetting } from "@/lib/api";

import { valueWords } from "../ruleSettings";
import styles from "./rule.module.css";

interface Props {
  readonly setting: RuleSetting;
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
}

/** One setting as a slider of the browser's own; what can be off is off at its right end. */
export function RuleSlider({ setting, value, onChange }: Props) {
  const id = useId();
  const { minimum, maximum, step, can_be_off: canBeOff, title, help } = setting;
  const off = maximum + step;
  const words = valueWords(setting, value);
  return (
    <div className={styles.slider} title={help}>
      <label htmlFor={id}>{title}</label>
      <output htmlFor={id}>{words}</output>
      <input
        id={id}
        type="range"
        min={minimum}
        max={canBeOff ? off : maximum}
        step={step}
        value={value ?? off}
        aria-valuetext={words}
        onChange={(event) => {
          const next = Number(event.currentTarget.value);
          onChange(canBeOff && next > maximum ? null : next);
        }}
      />
    </div>
  );
}
