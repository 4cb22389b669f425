import type { SurfacePoint } from "@/lib/api";
import { settingValue } from "@/lib/settingWords";

import { atX, atY, HEIGHT, MARGIN, ticksOf, WIDTH, type Cloud, type Dot } from "../plot";
import { shadeOf } from "../shades";
import type { DrawingProps } from "./SurfacePlot";
import styles from "./sweeps.module.css";

interface Props extends DrawingProps {
  readonly cloud: Cloud;
}

/** A search's points where they lie, whatever their other settings. */
export function Scatter({ surface, scale, show, chosen, hover, cloud }: Props) {
  const { dots } = cloud;
  const [best, plateau] = [nearest(dots, surface.best), nearest(dots, surface.plateau)];
  const radius = dots.length > 600 ? 2.5 : 4;
  return (
    <>
      <Frame axes={cloud} show={surface.y === null ? show : settingValue} />
      {dots.map(({ number, cx, cy, value }) => (
        <circle key={number} cx={cx} cy={cy} r={radius} className={styles.dot} data-shade={shadeOf(scale, value) ?? 0} />
      ))}
      <Ring dot={dots.find(({ number }) => number === hover?.number)} word="" />
      {best && best === plateau ? (
        <Ring dot={best} word="best, plateau" />
      ) : (
        <>
          <Ring dot={best} word="best" below={best !== undefined && plateau !== undefined && best.cy > plateau.cy} />
          <Ring dot={plateau} word="plateau" below={best !== undefined && plateau !== undefined && best.cy <= plateau.cy} />
        </>
      )}
      <Ring dot={dots.find(({ number }) => number === chosen)} word="chosen" chosen />
    </>
  );
}

function nearest(dots: readonly Dot[], place: SurfacePoint | null): Dot | undefined {
  return place === null ? undefined : dots.find(({ x, y }) => x === place.x && y === place.y);
}

function Ring({ dot, word, below = false, chosen = false }: { readonly dot: Dot | undefined; readonly word: string; readonly below?: boolean; readonly chosen?: boolean }) {
  if (!dot) return null;
  return (
    <>
      <circle cx={dot.cx} cy={dot.cy} r={7} className={styles.mark} data-chosen={chosen || undefined} />
      <text x={Math.min(Math.max(dot.cx, MARGIN.left + 24), 600)} y={below ? dot.cy + 20 : dot.cy - 11} className={styles.markWord}>
        {word}
      </text>
    </>
  );
}

function Frame({ axes, show }: { readonly axes: Cloud; readonly show: (value: number) => string }) {
  return (
    <>
      {ticksOf(axes.y).map((value) => (
        <g key={value}>
          <path d={`M${MARGIN.left} ${atY(axes.y, value)}H${WIDTH - MARGIN.right}`} className={styles.rule} />
          <text x={MARGIN.left - 6} y={atY(axes.y, value)} className={styles.tickY}>
            {show(value)}
          </text>
        </g>
      ))}
      {ticksOf(axes.x, 8).map((value) => (
        <g key={value}>
          <path d={`M${atX(axes.x, value)} ${MARGIN.top}V${HEIGHT - MARGIN.bottom}`} className={styles.rule} />
          <text x={atX(axes.x, value)} y={HEIGHT - MARGIN.bottom + 14} className={styles.tickX}>
            {settingValue(value)}
          </text>
        </g>
      ))}
    </>
  );
}
