import { TextInput } from "@mantine/core";
import { useEffect, useState } from "react";

/** Text that reaches the address a moment after the last key. */
export function SearchField({ value, onChange }: { readonly value: string; readonly onChange: (q: string | undefined) => void }) {
  const [typed, setTyped] = useState(value);
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    // The address changed from outside (back, a link): it wins over what was typed.
    setSeen(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = window.setTimeout(() => onChange(typed.trim() || undefined), 250);
    return () => window.clearTimeout(timer);
  }, [typed, value, onChange]);
  return (
    <TextInput
      type="search"
      aria-label="Search tickers"
      placeholder="Search tickers"
      w={160}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  );
}
