import { useMemo } from "react";

import type { Surface, SurfacePoint } from "@/lib/api";
import { settingValue } from "@/lib/settingWords";

import { boxOf, HEIGHT, labelled, MARGIN, pathOf, placeOf } from "../plot";
import { shadeOf } from "../shades";
import type { DrawingProps } from "./SurfacePlot";
import styles from "./sweeps.module.css";

interface Props extends DrawingProps {
  /** Pattern of what is below zero. */
  readonly hatch: string;
}

/** Cells with more room than this carry their number. */
const ROOM = { width: 36, height: 16 };

/** A grid's cells in shades; those that have room carry their number. */
export function HeatMap({ surface, scale, show, hatch, chosen, hover }: Props) {
  const { values } = surface;
  const paths = useMemo(() => {
    const boxes = new Map<number, ReturnType<typeof boxOf>[]>();
    values.forEach((row, y) =>
      row.forEach((value, x) => {
        const shade = shadeOf(scale, value);
        if (shade !== null) boxes.set(shade, [...(boxes.get(shade) ?? []), boxOf(surface, x, y)]);
      }),
    );
    return [...boxes].map(([shade, found]) => ({ shade, path: pathOf(found) }));
  }, [surface, values, scale]);
  const cell = boxOf(surface, 0, 0);
  const roomy = cell.width >= ROOM.width && cell.height >= ROOM.height;
  return (
    <>
      {paths.map(({ shade, path }) => (
        <g key={shade}>
          <path d={path} className={styles.cell} data-shade={shade} />
          {shade < 0 ? <path d={path} fill={`url(#${hatch})`} /> : null}
        </g>
      ))}
      {roomy ? <Numbers surface={surface} show={show} /> : null}
      <Words surface={surface} />
      <Marks surface={surface} chosen={chosen} hover={hover} />
    </>
  );
}

function Numbers({ surface, show }: Pick<Props, "surface" | "show">) {
  return surface.values.flatMap((row, y) =>
    row.map((value, x) => {
      const box = boxOf(surface, x, y);
      return value === null ? null : (
        <text key={`${x}.${y}`} x={box.x + box.width / 2} y={box.y + box.height / 2} className={styles.number}>
          {show(value)}
        </text>
      );
    }),
  );
}

/** What the columns and rows stand for. */
function Words({ surface }: { readonly surface: Surface }) {
  const { x_values: xs, y_values: ys } = surface;
  return (
    <>
      {labelled(xs.length, 14).map((at) => {
        const box = boxOf(surface, at, 0);
        return (
          <text key={at} x={box.x + box.width / 2} y={HEIGHT - MARGIN.bottom + 14} className={styles.tickX}>
            {settingValue(xs[at])}
          </text>
        );
      })}
      {labelled(ys.length, 16).map((at) => {
        const box = boxOf(surface, 0, at);
        return (
          <text key={at} x={MARGIN.left - 6} y={box.y + box.height / 2} className={styles.tickY}>
            {settingValue(ys[at])}
          </text>
        );
      })}
    </>
  );
}

/** Height of a cell that holds a number and a word below it. */
const INSIDE = 30;

interface Mark {
  readonly column: number;
  readonly row: number;
  readonly word: string;
}

const same = (a: number | null | undefined, b: number | null) => a === b || (a !== null && a !== undefined && b !== null && Math.abs(a - b) < 1e-9);

function cellOf({ x_values: xs, y_values: ys }: Surface, place: SurfacePoint | null, word: string): Mark[] {
  if (place === null) return [];
  const column = xs.findIndex((value) => same(value, place.x));
  const row = ys.length === 0 ? 0 : ys.findIndex((value) => same(value, place.y));
  return column < 0 || row < 0 ? [] : [{ column, row, word }];
}

/** One mark a cell, its words joined where best and plateau are the same. */
export function marksOf(surface: Surface, chosen: number | undefined): Mark[] {
  const place = placeOf(surface, chosen);
  const all = [...cellOf(surface, surface.best, "best"), ...cellOf(surface, surface.plateau, "plateau"), ...(place ? [{ ...place, word: "chosen" }] : [])];
  const joined = new Map<string, Mark>();
  for (const mark of all) {
    const key = `${mark.column}.${mark.row}`;
    const there = joined.get(key);
    joined.set(key, there ? { ...there, word: `${there.word}, ${mark.word}` } : mark);
  }
  return [...joined.values()];
}

function Marks({ surface, chosen, hover }: Pick<Props, "surface" | "chosen" | "hover">) {
  const under = placeOf(surface, hover?.number ?? undefined);
  return (
    <>
      {under ? <rect {...boxOf(surface, under.column, under.row)} className={styles.under} /> : null}
      {marksOf(surface, chosen).map(({ column, row, word }) => {
        const box = boxOf(surface, column, row);
        // Inside, below the number, where there is room for both; else above, so that no other cell's number is covered.
        const inside = box.height >= INSIDE;
        const outside = box.y > MARGIN.top + 8 ? box.y - 4 : box.y + box.height + 11;
        return (
          <g key={word}>
            <rect {...box} className={styles.mark} data-chosen={word.includes("chosen") || undefined} />
            <text
              x={Math.min(Math.max(box.x + box.width / 2, MARGIN.left + 24), 600)}
              y={inside ? box.y + box.height - 4 : outside}
              className={styles.markWord}
            >
              {word}
            </text>
          </g>
        );
      })}
    </>
  );
}
