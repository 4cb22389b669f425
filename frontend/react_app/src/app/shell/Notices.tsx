import { Anchor, CloseButton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useEffect, useState, useSyncExternalStore } from "react";

import { dismiss, noticeStore, type Notice } from "@/lib/notices";

import styles from "./shell.module.css";

/** Long enough to read, short enough not to hide rows for long; held while the pointer or the focus is on it. */
const SHOWN_MS = 4_000;
/** What failed says why, which takes longer. */
const SHOWN_BAD_MS = 8_000;

function NoticeLine({ notice }: { notice: Notice }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismiss(notice.id), notice.tone === "bad" ? SHOWN_BAD_MS : SHOWN_MS);
    return () => clearTimeout(timer);
  }, [held, notice.id, notice.tone]);
  return (
    // Held, not operated: the pointer and the focus only keep it from going away.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className={styles.notice}
      data-tone={notice.tone}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <div className={styles.noticeBody}>
        <strong>{notice.title}</strong>
        {notice.text ? <p>{notice.text}</p> : null}
        {notice.link ? (
          <Anchor component={Link} to={notice.link.href} size="sm" onClick={() => dismiss(notice.id)}>
            {notice.link.label}
          </Anchor>
        ) : null}
      </div>
      <CloseButton size="sm" aria-label={`Dismiss: ${notice.title}`} onClick={() => dismiss(notice.id)} />
    </div>
  );
}

/** A polite live region: it stands from the start, so that what is put into it is read out. */
export function Notices() {
  const notices = useSyncExternalStore(noticeStore.subscribe, noticeStore.get);
  return (
    <div className={styles.notices} role="status" aria-live="polite" aria-relevant="additions">
      {notices.map((notice) => (
        <NoticeLine key={notice.id} notice={notice} />
      ))}
    </div>
  );
}
