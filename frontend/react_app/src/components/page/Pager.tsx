import { Button } from "@mantine/core";

import styles from "./page.module.css";

interface Props {
  /** What the pages are of, for those who hear it: "jobs". */
  of: string;
  count: number;
  pageSize: number;
  page: number;
  /** The first page is `undefined`: the address says nothing of it. */
  onPage: (page: number | undefined) => void;
}

/** The way to older rows of a list in time; nothing where all fit one page. */
export function Pager({ of, count, pageSize, page, onPage }: Props) {
  const pages = Math.ceil(count / pageSize);
  if (pages <= 1) return null;
  return (
    <nav aria-label={`Pages of ${of}`} className={styles.pager}>
      <Button variant="default" disabled={page <= 1} onClick={() => onPage(page === 2 ? undefined : page - 1)}>
        Newer
      </Button>
      <span>
        Page {page} of {pages}
      </span>
      <Button variant="default" disabled={page >= pages} onClick={() => onPage(page + 1)}>
        Older
      </Button>
    </nav>
  );
}
