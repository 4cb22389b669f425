import { Anchor, Button, Checkbox, Modal, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type SubmitEvent } from "react";

import type { NewShare } from "@/lib/api";
import { sharesQuery, useCreateShare } from "@/lib/queries";
import { isOpen } from "@/lib/shareWords";

import { CopyField } from "../copy";
import { ErrorNotice } from "../feedback";
import { Instant } from "../time";
import { RevokeButton } from "./RevokeButton";
import styles from "./share.module.css";
import type { ShareProps } from "./ShareButton";

const DAYS = [
  { value: "1", label: "1 day" },
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
];

const THINGS = {
  scan: "this scan and its candidates",
  pair: "this pair, its prices, spread and z-score",
  backtest: "this backtest, its figures, account and trades",
} as const;

/** Makes a read-only link that ends by itself, and lists those there are to the same thing. */
export function ShareDialog({ kind, objectId, title, view, onClose }: ShareProps & { readonly onClose: () => void }) {
  const create = useCreateShare();
  return (
    <Modal opened onClose={onClose} title={`Share this ${kind}`} size={480} closeButtonProps={{ "aria-label": "Close" }}>
      {create.data ? (
        <Made share={create.data} onAnother={() => create.reset()} />
      ) : (
        <Wishes
          title={title}
          things={THINGS[kind]}
          busy={create.isPending}
          error={create.error}
          onCreate={(wishes) => create.mutate({ kind, object_id: objectId, view: { ...view }, ...wishes })}
        />
      )}
      <Existing kind={kind} objectId={objectId} onGo={onClose} />
    </Modal>
  );
}

interface WishesProps {
  readonly title: string;
  readonly things: string;
  readonly busy: boolean;
  readonly error: Error | null;
  readonly onCreate: (wishes: { title: string; expires_in_days: number; shows_owner: boolean }) => void;
}

function Wishes({ title, things, busy, error, onCreate }: WishesProps) {
  const [named, setNamed] = useState(title);
  const [days, setDays] = useState("7");
  const [signed, setSigned] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onCreate({ title: named.trim(), expires_in_days: Number(days), shows_owner: signed });
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <p className={styles.plain}>
        Whoever has the link can read {things}, as it stands on your screen, without signing in. They see nothing else
        and can change nothing.
      </p>
      <TextInput label="Title" maxLength={200} value={named} onChange={(event) => setNamed(event.currentTarget.value)} />
      <NativeSelect
        label="Ends after"
        data={DAYS}
        value={days}
        onChange={(event) => setDays(event.currentTarget.value)}
      />
      <Checkbox label="Name me on the page" checked={signed} onChange={(event) => setSigned(event.currentTarget.checked)} />
      {error ? <ErrorNotice error={error} what="No link was made" /> : null}
      <div>
        <Button type="submit" loading={busy} data-autofocus>
          Make a link
        </Button>
      </div>
    </form>
  );
}

function Made({ share, onAnother }: { readonly share: NewShare; readonly onAnother: () => void }) {
  return (
    <div className={styles.form}>
      <CopyField label="The link" value={`${window.location.origin}${share.url}`} />
      <p className={styles.plain} role="status">
        Copy it now: only its fingerprint is kept, so it cannot be shown again. It ends{" "}
        <Instant at={share.expires_at} />.
      </p>
      <div>
        <Button variant="subtle" size="compact-xs" mih={24} onClick={onAnother}>
          Make another
        </Button>
      </div>
    </div>
  );
}

interface ExistingProps {
  readonly kind: ShareProps["kind"];
  readonly objectId: number;
  readonly onGo: () => void;
}

/** Links to the same thing that still lead there. */
function Existing({ kind, objectId, onGo }: ExistingProps) {
  const { data } = useQuery(sharesQuery);
  const links = data?.results.filter((each) => each.kind === kind && each.object_id === objectId && isOpen(each)) ?? [];
  return (
    <div className={styles.existing}>
      {links.length === 0 ? null : (
        <>
          <h3>Links that lead here</h3>
          <ul className={styles.links}>
            {links.map((share) => (
              <li key={share.id}>
                <span className={styles.title}>{share.title || `Link ${share.id}`}</span>
                <span className={styles.muted}>
                  ends <Instant at={share.expires_at} />
                </span>
                <RevokeButton share={share} />
              </li>
            ))}
          </ul>
        </>
      )}
      <Anchor component={Link} to="/shares" size="sm" onClick={onGo}>
        All your links
      </Anchor>
    </div>
  );
}
