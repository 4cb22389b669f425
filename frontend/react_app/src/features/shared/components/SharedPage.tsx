import { useQuery } from "@tanstack/react-query";
import { useEffect, type ReactNode } from "react";

import { EmptyState, ErrorNotice, SkeletonRows } from "@/components/feedback";
import { Page } from "@/components/page";
import { Instant } from "@/components/time";
import { asApiError, type Shared } from "@/lib/api";

import { sharedQuery } from "../queries";
import styles from "./shared.module.css";

interface Props {
  readonly token: string;
  /** Puts the link's own view into the address, once, where the address says nothing yet. */
  readonly onView: (view: Readonly<Record<string, unknown>>) => void;
  /** Draws the scan, the pair or the backtest: the application knows which feature does. */
  readonly children: (shared: Shared) => ReactNode;
}

/** What a link shows to whoever holds it: no navigation, nothing to change, and until when. */
export function SharedPage({ token, onView, children }: Props) {
  const { data, error, refetch } = useQuery(sharedQuery(token));
  useEffect(() => {
    if (data) onView(data.view);
    // Once for each link: afterwards the address is the reader's.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [data?.kind, token]);
  return (
    <div className={styles.frame}>
      <header className={styles.header}>
        <span className={styles.mark}>TITAN</span>
        <span className={styles.muted}>
          {data ? <Terms shared={data} /> : "A shared link, to read only"}
        </span>
      </header>
      <main id="main" className={styles.main} tabIndex={-1}>
        {data ? (
          <Page title={data.title}>{children(data)}</Page>
        ) : error ? (
          <Closed error={error} onRetry={() => void refetch()} />
        ) : (
          <Page title="Shared link">
            <SkeletonRows rows={12} label="Loading what is shared" />
          </Page>
        )}
      </main>
    </div>
  );
}

function Terms({ shared: { owner_name, expires_at } }: { readonly shared: Shared }) {
  return (
    <>
      Shared{owner_name ? ` by ${owner_name}` : ""}, to read only. This link ends <Instant at={expires_at} />.
    </>
  );
}

/** A link that ended, was taken back or never was: the server says the same of all three, and so does the page. */
function Closed({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  if (asApiError(error).status === 404) {
    return (
      <Page title="This link leads nowhere any more">
        <EmptyState title="It has ended, was revoked, or was cut short on its way here">
          Check that you have the whole address. Otherwise ask whoever sent it for a new one: links end by themselves, and
          can be taken back.
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page title="Shared link">
      <ErrorNotice error={error} what="What is shared could not be loaded" onRetry={onRetry} />
    </Page>
  );
}
