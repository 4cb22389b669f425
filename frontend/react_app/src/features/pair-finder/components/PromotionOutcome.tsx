import { CloseButton, Group } from "@mantine/core";

import type { Pair, Candidate } from "@/lib/api";
import { plural } from "@/lib/format";

import { pairName } from "../candidateColumns";
import styles from "./finder.module.css";

interface Props {
  readonly result: {
    readonly promoted: readonly Pair[];
    readonly refused: readonly { readonly candidate: number; readonly reason: string }[];
  };
  readonly rows: readonly Candidate[];
  readonly onClose: () => void;
}

/** What became of the chosen candidates: pairs now, or the reason why not. */
export function PromotionOutcome({ result, rows, onClose }: Props) {
  const { promoted, refused } = result;
  const nameOf = (id: number) => {
    const row = rows.find((each) => each.id === id);
    return row ? pairName(row) : `candidate ${id}`;
  };
  return (
    <Group className={styles.outcome} w="100%" align="flex-start" wrap="nowrap" role="status">
      <div style={{ flex: 1 }}>
        {plural(promoted.length, "pair")} promoted
        {refused.length === 0 ? "." : `, ${refused.length} refused:`}
        {refused.length === 0 ? null : (
          <ul>
            {refused.map(({ candidate, reason }) => (
              <li key={candidate}>
                {nameOf(candidate)}: {reason.replace(/^outlier_driven:\s*/, "")}
              </li>
            ))}
          </ul>
        )}
      </div>
      <CloseButton size="sm" aria-label="Close this message" onClick={onClose} />
    </Group>
  );
}
