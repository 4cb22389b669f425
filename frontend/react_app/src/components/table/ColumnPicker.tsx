import { Button, Checkbox, Popover, Stack } from "@mantine/core";
import type { ReactNode } from "react";

import type { DataColumn } from "./columns";
import styles from "./layouts.module.css";

interface ColumnPickerProps<Row> {
  readonly columns: readonly DataColumn<Row>[];
  readonly hidden: readonly string[];
  readonly onChange: (hidden: string[]) => void;
  /** Absent where the arrangement is not kept. */
  readonly onMove?: (id: string, step: -1 | 1) => void;
  readonly onWidth?: (id: string, width: number) => void;
}

/** Pixels that one press makes a column wider or narrower. */
export const WIDTH_STEP = 16;

/** The columns: which are shown, and without any dragging in what order and how wide. */
export function ColumnPicker<Row>({ columns, hidden, onChange, onMove, onWidth }: ColumnPickerProps<Row>) {
  const toggle = (id: string) =>
    onChange(hidden.includes(id) ? hidden.filter((other) => other !== id) : [...hidden, id]);
  if (!onMove || !onWidth) {
    return (
      <Picker>
        <Stack gap={8} role="group" aria-label="Columns shown">
          {columns
            .filter((column) => column.hideable !== false)
            .map((column) => (
              <Shown key={column.id} column={column} hidden={hidden} onToggle={toggle} />
            ))}
        </Stack>
      </Picker>
    );
  }
  return (
    <Picker>
      <div className={styles.columns} role="group" aria-label="Columns shown">
        {columns.map((column, index) => {
          const { id, header, width } = column;
          return (
            <div key={id} className={styles.column}>
              {column.hideable === false ? (
                <span>{header}</span>
              ) : (
                <Shown column={column} hidden={hidden} onToggle={toggle} />
              )}
              <Step label={`Move ${header} left`} sign="←" disabled={index === 0} onClick={() => onMove(id, -1)} />
              <Step
                label={`Move ${header} right`}
                sign="→"
                disabled={index === columns.length - 1}
                onClick={() => onMove(id, 1)}
              />
              <Step label={`${header} narrower`} sign="−" onClick={() => onWidth(id, width - WIDTH_STEP)} />
              <Step label={`${header} wider`} sign="+" onClick={() => onWidth(id, width + WIDTH_STEP)} />
            </div>
          );
        })}
      </div>
    </Picker>
  );
}

function Picker({ children }: { readonly children: ReactNode }) {
  return (
    <Popover position="bottom-end" trapFocus>
      <Popover.Target>
        <Button variant="default">Columns</Button>
      </Popover.Target>
      <Popover.Dropdown>{children}</Popover.Dropdown>
    </Popover>
  );
}

interface ShownProps<Row> {
  readonly column: DataColumn<Row>;
  readonly hidden: readonly string[];
  readonly onToggle: (id: string) => void;
}

function Shown<Row>({ column, hidden, onToggle }: ShownProps<Row>) {
  return (
    <Checkbox
      label={column.header}
      title={column.explain}
      checked={!hidden.includes(column.id)}
      onChange={() => onToggle(column.id)}
    />
  );
}

interface StepProps {
  readonly label: string;
  readonly sign: string;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

function Step({ label, sign, disabled, onClick }: StepProps) {
  return (
    <button type="button" className={styles.step} aria-label={label} title={label} disabled={disabled} onClick={onClick}>
      {sign}
    </button>
  );
}
