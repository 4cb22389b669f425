import { Button, Popover } from "@mantine/core";
import { useState } from "react";

import styles from "./confirm.module.css";

interface Props {
  /** The button's words. */
  label: string;
  /** What happens, in a sentence. */
  question: string;
  /** The words that do it; the label when absent. */
  yes?: string;
  onConfirm: () => void;
  loading?: boolean;
  disabled?: boolean;
  size?: "xs" | "compact-xs";
  /** For a list of like buttons: what this one is about. */
  about?: string;
}

/** A button for what can't be taken back: the second press, beside the first, does it. */
export function ConfirmButton({ label, question, yes = label, onConfirm, about, size = "xs", ...rest }: Props) {
  const [asked, setAsked] = useState(false);
  return (
    <Popover opened={asked} onChange={setAsked} position="bottom-end" trapFocus returnFocus withRoles>
      <Popover.Target>
        <Button
          variant="default"
          size={size}
          aria-label={about ? `${label}: ${about}` : undefined}
          onClick={() => setAsked(!asked)}
          {...rest}
        >
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={styles.ask}>
          <p>{question}</p>
          <div className={styles.answers}>
            <Button
              className={styles.yes}
              onClick={() => {
                setAsked(false);
                onConfirm();
              }}
            >
              {yes}
            </Button>
            <Button variant="default" onClick={() => setAsked(false)}>
              Cancel
            </Button>
          </div>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
