import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";

import type { ShareKind } from "@/lib/api";
import { useMay } from "@/lib/queries";

// Fetched when somebody shares.
const ShareDialog = lazy(async () => ({ default: (await import("./ShareDialog")).ShareDialog }));

export interface ShareProps {
  readonly kind: ShareKind;
  readonly objectId: number;
  /** What the link is called unless one says otherwise. */
  readonly title: string;
  /** The address's own state: filters, order, range. */
  readonly view: object;
}

/** Opens the dialog that makes a read-only link to what is on screen; absent for those who may not share. */
export function ShareButton(props: ShareProps) {
  const may = useMay("trading.add_share");
  const [opened, setOpened] = useState(false);
  if (!may) return null;
  return (
    <>
      <Button variant="default" onClick={() => setOpened(true)}>
        Share
      </Button>
      <Suspense fallback={null}>{opened ? <ShareDialog {...props} onClose={() => setOpened(false)} /> : null}</Suspense>
    </>
  );
}
