import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";

import { pairsList } from "@/lib/api";
import { symbolsQuery, useMe } from "@/lib/queries";

import { answers, pageEntries, pairEntries, symbolEntries, type Entry } from "./entries";
import styles from "./palette.module.css";

/** Ctrl-K: every page, symbol and pair, by typing. A combobox over a list box, as ARIA has it. */
export function CommandPalette({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const listId = useId();
  const [query, setQuery] = useState("");
  const [place, setPlace] = useState(0);
  const { permissions } = useMe();
  const symbols = useQuery(symbolsQuery);
  const pairs = useQuery({
    queryKey: ["pairs", "palette"],
    queryFn: ({ signal }) => pairsList({ query: { page_size: 1000 }, signal }),
  });

  const entries = useMemo(
    () => [...pageEntries(permissions), ...pairEntries(pairs.data?.results ?? []), ...symbolEntries(symbols.data ?? [])],
    [permissions, pairs.data, symbols.data],
  );
  const found = answers(query, entries);
  const active = Math.min(place, found.length - 1);
  const optionId = (index: number) => `${listId}-${index}`;

  const open = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    router.history.push(entry.href);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowDown: active + 1, ArrowUp: active - 1 };
    const next = moves[event.key];
    if (next !== undefined && found.length > 0) {
      event.preventDefault();
      setPlace((next + found.length) % found.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      open(found[active]);
    }
  };

  return (
    <Modal.Root opened onClose={onClose} padding={0} size={560} yOffset="12vh">
      <Modal.Overlay />
      <Modal.Content aria-label="Go to">
        <Modal.Body>
          <input
            className={styles.field}
            type="text"
            role="combobox"
            aria-label="Go to a page, symbol or pair"
            aria-expanded
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={found.length > 0 ? optionId(active) : undefined}
            placeholder="Page, symbol, company or two tickers"
            autoComplete="off"
            spellCheck={false}
            value={query}
            onChange={(event) => {
              setQuery(event.currentTarget.value);
              setPlace(0);
            }}
            onKeyDown={onKeyDown}
            data-autofocus
          />
          <Answers
            id={listId}
            found={found}
            active={active}
            optionId={optionId}
            onOpen={open}
            onActive={setPlace}
            loading={symbols.isPending || pairs.isPending}
            error={symbols.error ?? pairs.error}
          />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

interface AnswersProps {
  id: string;
  found: readonly Entry[];
  active: number;
  optionId: (index: number) => string;
  onOpen: (entry: Entry) => void;
  onActive: (index: number) => void;
  loading: boolean;
  error: Error | null;
}

function Answers({ id, found, active, optionId, onOpen, onActive, loading, error }: AnswersProps) {
  const activeRef = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // In braces: newer browsers answer with a promise, which is no clean-up.
    activeRef.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <>
      <div id={id} role="listbox" aria-label="Answers" className={styles.list}>
        {found.map((entry, index) => (
          <Answer
            key={entry.id}
            entry={entry}
            heading={entry.group !== found[index - 1]?.group}
            id={optionId(index)}
            active={index === active}
            ref={index === active ? activeRef : null}
            onOpen={onOpen}
            onPoint={() => onActive(index)}
          />
        ))}
      </div>
      <p role="status" className={styles.state} data-quiet={found.length > 0 && !error}>
        {error ? `Symbols and pairs could not be loaded: ${error.message}` : null}
        {!error && found.length === 0 ? (loading ? "Loading symbols and pairs…" : "Nothing by that name.") : null}
      </p>
    </>
  );
}

interface AnswerProps {
  entry: Entry;
  heading: boolean;
  id: string;
  active: boolean;
  ref: React.Ref<HTMLDivElement>;
  onOpen: (entry: Entry) => void;
  onPoint: () => void;
}

function Answer({ entry, heading, id, active, ref, onOpen, onPoint }: AnswerProps) {
  return (
    <>
      {heading ? (
        <div className={styles.group} role="presentation">
          {entry.group}
        </div>
      ) : null}
      {/* The field keeps the focus and hears the keys; the pointer may click here. */}
      {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus */}
      <div
        ref={ref}
        id={id}
        role="option"
        aria-selected={active}
        className={styles.option}
        onClick={() => onOpen(entry)}
        onPointerMove={active ? undefined : onPoint}
      >
        <span className={styles.label}>{entry.label}</span>
        <span className={styles.about}>{entry.about}</span>
      </div>
    </>
  );
}
