import { useEffect, useState } from "react";

import { agoWords } from "@/lib/ago";
import { useDisplayZone } from "@/lib/displayZone";
import { formatDateTime } from "@/lib/format";

const TICK_MS = 30_000;

/** How long ago something was; the instant itself for whoever points at it. */
export function Ago({ at }: { at: string }) {
  const zone = useDisplayZone();
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={at} title={`${formatDateTime(at, zone)} (${zone})`}>
      {agoWords(at)}
    </time>
  );
}
