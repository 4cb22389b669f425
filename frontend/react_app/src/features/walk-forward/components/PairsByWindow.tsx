import { Button } from "@mantine/core";
import { useState } from "react";

import type { WalkForwardWindow } from "@/lib/api";
import { formatBarDate, formatPercent, formatSigned, plural } from "@/lib/format";

import { kept, pairRows, type PairRow } from "../windows";
import styles from "./walk.module.css";

interface Props {
  readonly windows: readonly WalkForwardWindow[];
  /** The same pairs were given for all windows. */
  readonly fixed: boolean;
  readonly chosen: number | null;
  readonly onChoose: (window: number | undefined) => void;
}

const FIRST = 12;

/** Which pairs each window chose, and which way each went. */
export function PairsByWindow({ windows, fixed, chosen, onChoose }: Props) {
  const [all, setAll] = useState(false);
  const rows = pairRows(windows);
  const share = kept(windows);
  const shown = all ? rows : rows.slice(0, FIRST);
  return (
    <section aria-labelledby="pairs-by-window">
      <h2 id="pairs-by-window">Pairs by window</h2>
      <div className={styles.scroller}>
        <table className={styles.matrix} aria-label="Net profit of each pair by window">
          <thead>
            <tr>
              <th scope="col">
                <span className="visually-hidden">Pair</span>
              </th>
              {windows.map(({ number, test_start }, at) => (
                <th key={number} scope="col" data-chosen={number === chosen || undefined}>
                  <button type="button" className={styles.pick} aria-label={`Window ${at + 1}, test from ${formatBarDate(test_start)}`} onClick={() => onChoose(number)}>
                    {at + 1}
                  </button>
                </th>
              ))}
              <th scope="col" className={styles.total}>
                Net
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <Line key={row.name} row={row} windows={windows} />
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles.muted}>
        <span aria-hidden="true">▲</span> gained, <span aria-hidden="true">▽</span> lost, by the money.{" "}
        {fixed || share === null ? "" : `${formatPercent(share)} of a window's pairs had been chosen by the window before.`}
      </p>
      {rows.length > FIRST ? (
        <Button variant="subtle" size="compact-xs" mih={24} onClick={() => setAll(!all)}>
          {all ? `Only the ${FIRST} most often chosen` : `All ${plural(rows.length, "pair")}`}
        </Button>
      ) : null}
    </section>
  );
}

function Line({ row, windows }: { readonly row: PairRow; readonly windows: readonly WalkForwardWindow[] }) {
  return (
    <tr>
      <th scope="row">{row.name}</th>
      {row.cells.map((cell, at) => (
        <td key={windows[at]?.number} title={cell ? `${formatBarDate(windows[at]?.test_start)}: ${formatSigned(cell.net_pnl, 0)}` : undefined}>
          {cell ? (
            <>
              <span className={styles.sign} data-side={cell.net_pnl > 0 ? "gain" : cell.net_pnl < 0 ? "loss" : "flat"} aria-hidden="true">
                {cell.net_pnl > 0 ? "▲" : cell.net_pnl < 0 ? "▽" : "·"}
              </span>
              <span className="visually-hidden">{formatSigned(cell.net_pnl, 0)}</span>
            </>
          ) : null}
        </td>
      ))}
      <td className={styles.total}>{formatSigned(row.net, 0)}</td>
    </tr>
  );
}
