import { Button, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

import styles from "./copy.module.css";

interface Props {
  label: string;
  value: string;
  description?: string;
}

const SAID_MS = 3_000;

/** Puts text on the clipboard; false where the browser does not let it (plain http beyond this computer). */
async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Text to take along: shown in full, selected at a touch, copied at a press. */
export function CopyField({ label, value, description }: Props) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <div className={styles.row}>
      <TextInput
        ref={field}
        label={label}
        description={description}
        value={value}
        readOnly
        spellCheck={false}
        onFocus={(event) => event.currentTarget.select()}
        className={styles.field}
        classNames={{ input: styles.text }}
      />
      <CopyButton text={value} what={label} onRefused={() => field.current?.select()} />
    </div>
  );
}

interface ButtonProps {
  text: string;
  /** What is copied, for the screen reader. */
  what: string;
  onRefused?: () => void;
}

export function CopyButton({ text, what, onRefused }: ButtonProps) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => setSaid(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => {
    const done = await toClipboard(text);
    setSaid(done ? "Copied" : "Press Ctrl C");
    if (!done) onRefused?.();
  };
  return (
    <>
      <Button variant="default" className={styles.button} onClick={() => void copy()} aria-label={`Copy: ${what}`}>
        {said === "" ? "Copy" : said}
      </Button>
      <span role="status" className="visually-hidden">
        {said}
      </span>
    </>
  );
}
