import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { EmptyState, ErrorNotice, Forbidden } from "@/components/feedback";
import { Page } from "@/components/page";
import { RevokeButton } from "@/components/share";
import { DataTable, type DataColumn } from "@/components/table";
import { Instant } from "@/components/time";
import type { Share } from "@/lib/api";
import { formatCount, plural } from "@/lib/format";
import { sharesQuery, useMay } from "@/lib/queries";
import { isOpen, shareHref, stateOf } from "@/lib/shareWords";

import styles from "./shared.module.css";

const NONE: readonly Share[] = [];
const titleOf = (share: Share) => share.title || `Link ${share.id}`;

function Title({ share }: { readonly share: Share }) {
  const href = shareHref(share);
  return href ? (
    <Anchor component={Link} to={href} size="sm" tabIndex={-1}>
      {titleOf(share)}
    </Anchor>
  ) : (
    titleOf(share)
  );
}

const COLUMNS: readonly DataColumn<Share>[] = [
  { id: "title", header: "Title", width: 200, grow: 1, value: titleOf, cell: (share) => <Title share={share} />, hideable: false },
  { id: "kind", header: "Shows", width: 96, value: ({ kind, object_id }) => `${kind} ${object_id}` },
  {
    id: "state",
    header: "State",
    width: 88,
    value: (share) => stateOf(share),
    cell: (share) => <span className={isOpen(share) ? undefined : styles.muted}>{stateOf(share)}</span>,
  },
  {
    id: "views",
    header: "Opened",
    width: 72,
    align: "right",
    firstSort: "descending",
    value: ({ views }) => views,
    cell: ({ views }) => formatCount(views),
    explain: "How often the link was opened.",
  },
  { id: "created_at", header: "Made", width: 176, value: ({ created_at }) => created_at, cell: ({ created_at }) => <Instant at={created_at} /> },
  { id: "expires_at", header: "Ends", width: 176, value: ({ expires_at }) => expires_at, cell: ({ expires_at }) => <Instant at={expires_at} /> },
  {
    id: "revoked_at",
    header: "Revoked",
    width: 176,
    value: ({ revoked_at }) => revoked_at,
    cell: (share) => (isOpen(share) ? <RevokeButton share={share} /> : <Instant at={share.revoked_at} none="" />),
  },
];

/** One's own links: which still lead somewhere, how often they were opened, and the way to end them. */
export function SharesPage() {
  if (!useMay("trading.view_share")) {
    return (
      <Forbidden title="Shared links">
        Links to scans, pairs and backtests are made by traders and administrators. A link somebody gave you opens without an account.
      </Forbidden>
    );
  }
  return <Links />;
}

function Links() {
  const { data, isPending, error, refetch } = useQuery(sharesQuery);
  const open = data?.results.filter((share) => isOpen(share)).length ?? 0;
  return (
    <Page title="Shared links" note={data ? `${plural(open, "link")} open; the addresses themselves are not kept` : null}>
      <DataTable
        label="Shared links"
        columns={COLUMNS}
        rows={data?.results ?? NONE}
        rowId={({ id }) => String(id)}
        rowLabel={titleOf}
        loading={isPending}
        error={error ? <ErrorNotice error={error} what="The links could not be loaded" onRetry={() => void refetch()} /> : null}
        empty={
          <EmptyState title="No link yet">
            “Share” on a scan, a kept pair or a backtest makes one: read-only, ending by itself, and yours to revoke.
          </EmptyState>
        }
        csvName="links.csv"
      />
    </Page>
  );
}
