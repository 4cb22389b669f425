import { Button, Popover, Switch, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState, type SubmitEvent } from "react";

import { ErrorNotice } from "@/components/feedback";
import type { Layout } from "@/lib/account";
import { layoutsQuery, useLayoutChanges } from "@/lib/queries";

import { readLayout, sameLayout, type TableLayout } from "./layout";
import styles from "./layouts.module.css";
import type { DataColumn } from "./columns";
import type { LayoutInUse } from "./useTableLayout";

interface Props<Row> {
  readonly table: string;
  /** The table's own columns, in their own order. */
  readonly columns: readonly DataColumn<Row>[];
  readonly layout: LayoutInUse<Row>;
  /** Columns that are hidden as the table comes. */
  readonly usuallyHidden: readonly string[];
  /** The address says nothing of columns and order: a layout may be laid over it on arrival. */
  readonly pristine: boolean;
}

const NONE: readonly Layout[] = [];

/** Named arrangements of a table, kept on the server: applied, saved, renamed, deleted, and the way back. */
export function LayoutMenu<Row>({ table, columns, layout, usuallyHidden, pristine }: Props<Row>) {
  const query = useQuery(layoutsQuery(table));
  const changes = useLayoutChanges(table);
  const layouts = query.data ?? NONE;
  const chosen = layouts.find(({ id }) => id === layout.named);
  const own = columns.map(({ id }) => id);
  const read = (each: Layout) => readLayout(each.state, columns);
  const changed = chosen !== undefined && !sameLayout(layout.current, read(chosen), own);
  const usual = layouts.find(({ is_default }) => is_default);

  const open = useEffectEvent((each: Layout) => layout.apply(read(each), each.id));
  const opensWith = !layout.touched && pristine ? usual : undefined;
  useEffect(() => {
    if (opensWith) open(opensWith);
  }, [opensWith]);

  const failed = changes.create.error ?? changes.update.error ?? changes.remove.error;
  return (
    <Popover position="bottom-end" trapFocus returnFocus withRoles>
      <Popover.Target>
        <Button variant="default">
          {chosen ? `Layout: ${chosen.name}${changed ? ", changed" : ""}` : "Layouts"}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={styles.menu}>
          {query.error ? <ErrorNotice error={query.error} what="The layouts could not be loaded" /> : null}
          {layouts.length === 0 ? (
            <p className={styles.hint}>Arrange the columns as you like them, then give the arrangement a name.</p>
          ) : (
            <ul className={styles.list}>
              {layouts.map((each) => (
                <LayoutLine
                  key={each.id}
                  layout={each}
                  chosen={each.id === chosen?.id}
                  onApply={() => layout.apply(read(each), each.id)}
                  onRename={(name) => changes.update.mutate({ id: each.id, name })}
                  onDelete={() => {
                    if (each.id === chosen?.id) layout.setNamed(null);
                    changes.remove.mutate(each.id);
                  }}
                />
              ))}
            </ul>
          )}
          {chosen ? (
            <Switch
              label={`Open the table as ${chosen.name}`}
              checked={chosen.is_default}
              onChange={(event) => changes.update.mutate({ id: chosen.id, is_default: event.currentTarget.checked })}
            />
          ) : null}
          {chosen && changed ? (
            <Button
              variant="default"
              loading={changes.update.isPending}
              onClick={() => changes.update.mutate({ id: chosen.id, state: stored(layout.current) })}
            >
              Save the changes to {chosen.name}
            </Button>
          ) : null}
          <NameForm
            label="New layout"
            submit="Save"
            busy={changes.create.isPending}
            onName={(name) =>
              changes.create.mutate(
                { name, state: stored(layout.current) },
                { onSuccess: (made) => layout.setNamed(made.id) },
              )
            }
          />
          {failed ? <ErrorNotice error={failed} what="The layout was not saved" /> : null}
          <Button variant="subtle" onClick={() => layout.reset(usuallyHidden)}>
            Reset the table
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

/** A layout as the server keeps it. */
function stored({ columns, hidden, widths, sorting }: TableLayout): Record<string, unknown> {
  return { columns, hidden, widths, sorting };
}

interface LineProps {
  readonly layout: Layout;
  readonly chosen: boolean;
  readonly onApply: () => void;
  readonly onRename: (name: string) => void;
  readonly onDelete: () => void;
}

function LayoutLine({ layout, chosen, onApply, onRename, onDelete }: LineProps) {
  const [renaming, setRenaming] = useState(false);
  if (renaming) {
    return (
      <li>
        <NameForm
          label={`New name of ${layout.name}`}
          submit="Rename"
          first={layout.name}
          onName={(name) => {
            setRenaming(false);
            if (name !== layout.name) onRename(name);
          }}
        />
      </li>
    );
  }
  return (
    <li className={styles.line}>
      <button type="button" className={styles.apply} aria-pressed={chosen} onClick={onApply}>
        {layout.name}
        {layout.is_default ? <span className={styles.hint}> opens first</span> : null}
      </button>
      <Button variant="subtle" size="compact-xs" aria-label={`Rename ${layout.name}`} onClick={() => setRenaming(true)}>
        Rename
      </Button>
      <Button variant="subtle" size="compact-xs" aria-label={`Delete ${layout.name}`} onClick={onDelete}>
        Delete
      </Button>
    </li>
  );
}

interface NameProps {
  readonly label: string;
  readonly submit: string;
  readonly first?: string;
  readonly busy?: boolean;
  readonly onName: (name: string) => void;
}

function NameForm({ label, submit, first = "", busy = false, onName }: NameProps) {
  const [name, setName] = useState(first);
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    // A form in a popover of a page that may be a form itself.
    event.stopPropagation();
    if (name.trim() === "") return;
    onName(name.trim());
    setName(first);
  };
  return (
    <form className={styles.name} onSubmit={onSubmit}>
      <TextInput
        label={label}
        value={name}
        maxLength={60}
        onChange={(event) => setName(event.currentTarget.value)}
        className={styles.field}
      />
      <Button type="submit" variant="default" loading={busy} disabled={name.trim() === ""}>
        {submit}
      </Button>
    </form>
  );
}
