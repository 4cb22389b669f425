import { Button, Checkbox, NativeSelect, Switch, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState, type SubmitEvent } from "react";

import { ConfirmButton } from "@/components/confirm";
import { ErrorNotice } from "@/components/feedback";
import { KIND_WORDS, KINDS, SEVERITIES, SEVERITY_WORDS } from "@/lib/alertWords";
import type { AlertRule, AlertChannel, Universe } from "@/lib/api";

import { useDeleteRule, useSaveRule } from "../queries";
import { checkRule, JOB_KIND_WORDS, JOB_KINDS, NUMBERS, OF_KIND, toBody, valuesOf, type RuleValues } from "../ruleForm";
import styles from "./alerts.module.css";

interface Props {
  /** Null for a new one. */
  readonly rule: AlertRule | null;
  readonly channels: readonly AlertChannel[];
  readonly universes: readonly Universe[];
  readonly onDone: () => void;
}

/** One rule: what it watches for, how far, how much it matters, and how it is told. */
export function RuleForm({ rule, channels, universes, onDone }: Props) {
  const [values, setValues] = useState(() => valuesOf(rule));
  const [tried, setTried] = useState(false);
  const save = useSaveRule();
  const remove = useDeleteRule();
  const errors = tried ? checkRule(values) : {};
  const has = OF_KIND[values.kind];
  const set = (patch: Partial<RuleValues>) => setValues((before) => ({ ...before, ...patch }));
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(checkRule(values)).length > 0) return;
    save.mutate({ id: rule?.id ?? null, ...toBody(values) }, { onSuccess: onDone });
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label={rule ? "Change the rule" : "New rule"}>
      <h2>{rule ? KIND_WORDS[rule.kind] : "New rule"}</h2>
      {rule ? null : (
        <NativeSelect
          label="When"
          data={KINDS.map((value) => ({ value, label: KIND_WORDS[value] }))}
          value={values.kind}
          onChange={(event) => set({ kind: KINDS.find((each) => each === event.currentTarget.value) ?? values.kind })}
        />
      )}
      {has.numbers.map((name) => (
        <TextInput
          key={name}
          label={NUMBERS[name].label}
          description={NUMBERS[name].description}
          inputMode="decimal"
          value={values.numbers[name]}
          error={errors[name]}
          onChange={(event) => set({ numbers: { ...values.numbers, [name]: event.currentTarget.value } })}
        />
      ))}
      {has.universe ? (
        <NativeSelect
          label="Universe"
          data={[{ value: "", label: "Any" }, ...universes.map(({ id, name }) => ({ value: String(id), label: name }))]}
          value={String(values.universe ?? "")}
          onChange={(event) => set({ universe: Number(event.currentTarget.value) || null })}
        />
      ) : null}
      {has.jobKinds ? <JobKinds values={values} set={set} /> : null}
      <NativeSelect
        label="Severity"
        data={SEVERITIES.map((value) => ({ value, label: SEVERITY_WORDS[value] }))}
        value={values.severity}
        onChange={(event) =>
          set({ severity: SEVERITIES.find((each) => each === event.currentTarget.value) ?? values.severity })
        }
      />
      <Ways values={values} channels={channels} error={errors.ways} set={set} />
      <Switch
        label="On"
        checked={values.is_active}
        onChange={(event) => set({ is_active: event.currentTarget.checked })}
      />
      {save.error ? <ErrorNotice error={save.error} what="The rule was not kept" /> : null}
      {remove.error ? <ErrorNotice error={remove.error} what="The rule was not deleted" /> : null}
      <div className={styles.buttons}>
        <Button type="submit" loading={save.isPending}>
          {rule ? "Keep the change" : "Keep the rule"}
        </Button>
        <Button variant="default" onClick={onDone}>
          Close
        </Button>
        {rule ? (
          <ConfirmButton
            label="Delete"
            about="rule"
            question="The rule watches no more; alerts it raised stay."
            yes="Delete the rule"
            loading={remove.isPending}
            onConfirm={() => remove.mutate(rule.id, { onSuccess: onDone })}
          />
        ) : null}
      </div>
    </form>
  );
}

interface PartProps {
  readonly values: RuleValues;
  readonly set: (patch: Partial<RuleValues>) => void;
}

/** The list with a member put in or taken out. */
function withMember<T>(list: readonly T[], member: T, wanted: boolean): T[] {
  const rest = list.filter((each) => each !== member);
  return wanted ? [...rest, member] : rest;
}

function JobKinds({ values, set }: PartProps) {
  return (
    <fieldset className={styles.ways}>
      <legend>Only for (none: any job)</legend>
      {JOB_KINDS.map((kind) => (
        <Checkbox
          key={kind}
          label={JOB_KIND_WORDS[kind]}
          checked={values.job_kinds.includes(kind)}
          onChange={(event) => set({ job_kinds: withMember(values.job_kinds, kind, event.currentTarget.checked) })}
        />
      ))}
    </fieldset>
  );
}

function Ways({ values, channels, error, set }: PartProps & { readonly channels: readonly AlertChannel[]; readonly error: string | undefined }) {
  return (
    <fieldset className={styles.ways}>
      <legend>Told by</legend>
      <Checkbox
        label="The bell, here"
        checked={values.in_app}
        onChange={(event) => set({ in_app: event.currentTarget.checked })}
      />
      {channels.map(({ id, name, kind }) => (
        <Checkbox
          key={id}
          label={`${name} (${kind === "email" ? "e-mail" : "webhook"})`}
          checked={values.channels.includes(id)}
          onChange={(event) => set({ channels: withMember(values.channels, id, event.currentTarget.checked) })}
        />
      ))}
      {channels.length === 0 ? (
        <span className={styles.faint}>
          Webhooks and e-mail:{" "}
          <Link to="/alerts" search={{ view: "channels", edit: 0 }}>
            make a channel
          </Link>{" "}
          first.
        </span>
      ) : null}
      {error ? (
        <span role="alert" className={styles.bad}>
          {error}
        </span>
      ) : null}
    </fieldset>
  );
}
