import { Button, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { SeverityMark } from "@/components/alerts";
import { EmptyState, ErrorNotice, SkeletonRows } from "@/components/feedback";
import { KIND_WORDS } from "@/lib/alertWords";
import type { AlertRule, AlertChannel } from "@/lib/api";
import { universesQuery } from "@/lib/queries";

import { channelsQuery, rulesQuery, useSwitchRule } from "../queries";
import { ruleWords } from "../ruleForm";
import type { AlertsSearch } from "../search";
import styles from "./alerts.module.css";
import type { SetSearch } from "./AlertsPage";
import { RuleForm } from "./RuleForm";

interface Props {
  readonly search: AlertsSearch;
  readonly onSearch: SetSearch;
}

const NO_CHANNELS: readonly AlertChannel[] = [];

/** What one wants to be told of: each rule a line, the one being changed beside them. */
export function Rules({ search: { edit }, onSearch }: Props) {
  const rules = useQuery(rulesQuery);
  const channels = useQuery(channelsQuery).data?.results ?? NO_CHANNELS;
  const universes = useQuery(universesQuery).data?.results ?? [];
  if (rules.error) {
    return <ErrorNotice error={rules.error} what="The rules could not be loaded" onRetry={() => void rules.refetch()} />;
  }
  if (!rules.data) return <SkeletonRows rows={6} label="Loading the rules" />;
  const { results } = rules.data;
  const open = edit === 0 ? null : results.find(({ id }) => id === edit);
  const close = () => onSearch({ edit: undefined });
  return (
    <div className={open === undefined ? undefined : styles.split}>
      <section aria-labelledby="rules-heading">
        <div className={styles.head}>
          <h2 id="rules-heading">Rules</h2>
          <p className={styles.note}>What you want to be told of. The same thing again within a while raises a count.</p>
          <span className={styles.spring} />
          <Button variant="default" onClick={() => onSearch({ edit: 0 })}>
            New rule
          </Button>
        </div>
        {results.length === 0 ? (
          <EmptyState title="No rule">Without a rule nothing is told here; finished jobs still are, as they end.</EmptyState>
        ) : (
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">On</th>
                <th scope="col">When</th>
                <th scope="col">How far</th>
                <th scope="col" className={styles.lesser}>
                  Severity
                </th>
                <th scope="col" className={styles.lesser}>
                  Told by
                </th>
              </tr>
            </thead>
            <tbody>
              {results.map((rule) => (
                <RuleRow
                  key={rule.id}
                  rule={rule}
                  universe={universes.find(({ id }) => id === rule.parameters.universe)?.name ?? null}
                  channels={channels}
                  open={rule.id === edit}
                  onOpen={() => onSearch({ edit: rule.id === edit ? undefined : rule.id })}
                />
              ))}
            </tbody>
          </table>
        )}
      </section>
      {open === undefined ? null : (
        <RuleForm key={open?.id ?? "new"} rule={open} channels={channels} universes={universes} onDone={close} />
      )}
    </div>
  );
}

interface RowProps {
  readonly rule: AlertRule;
  readonly universe: string | null;
  readonly channels: readonly AlertChannel[];
  readonly open: boolean;
  readonly onOpen: () => void;
}

/** "the bell, Desk hook". */
function waysWords(rule: AlertRule, channels: readonly AlertChannel[]): string {
  const named = rule.channels.map((id) => channels.find((each) => each.id === id)?.name ?? `channel ${id}`);
  return [...(rule.in_app ? ["the bell"] : []), ...named].join(", ");
}

function RuleRow({ rule, universe, channels, open, onOpen }: RowProps) {
  const change = useSwitchRule();
  const title = KIND_WORDS[rule.kind];
  return (
    <tr data-open={open} data-rest={!rule.is_active}>
      <td>
        <Switch
          checked={change.isPending ? change.variables.on : rule.is_active}
          aria-label={`${title}: on`}
          onChange={(event) => change.mutate({ id: rule.id, on: event.currentTarget.checked })}
        />
        {change.error ? <span role="alert" className={styles.bad}>{change.error.message}</span> : null}
      </td>
      <th scope="row">
        <button type="button" className={styles.open} aria-expanded={open} onClick={onOpen}>
          {title}
        </button>
      </th>
      <td>{ruleWords(rule, universe)}</td>
      <td className={styles.lesser}>
        <SeverityMark severity={rule.severity} named />
      </td>
      <td className={styles.lesser}>{waysWords(rule, channels)}</td>
    </tr>
  );
}
