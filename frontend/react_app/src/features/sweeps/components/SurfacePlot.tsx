import { Button } from "@mantine/core";
import { useId, useMemo, useRef, useState, type MouseEvent, type ReactNode } from "react";

import { download } from "@/components/table";
import type { Range, Surface } from "@/lib/api";
import { settingValue, settingWords } from "@/lib/settingWords";
import { useTokens } from "@/theme/useTokens";

import { METRICS, metricOf } from "../metrics";
import { cellAt, cloudOf, dotAt, HEIGHT, MARGIN, WIDTH, type Place } from "../plot";
import { legendOf, scaleOf, type Scale } from "../shades";
import { svgFile } from "../svgFile";
import { HeatMap } from "./HeatMap";
import { Scatter } from "./Scatter";
import styles from "./sweeps.module.css";

export interface DrawingProps {
  readonly surface: Surface;
  readonly scale: Scale;
  readonly show: (value: number | null | undefined) => string;
  readonly chosen: number | undefined;
  readonly hover: Place | null;
}

interface Props {
  readonly surface: Surface;
  readonly ranges: Readonly<Record<string, Range>>;
  readonly chosen: number | undefined;
  readonly onChoose: (number: number) => void;
  readonly fileName: string;
  readonly busy: boolean;
}

const shownValues = ({ values, points }: Surface): (number | null)[] => points?.value ?? values.flat();

/** A metric over two settings: a grid's as a map of cells, a search's as its points. The table beside it has the numbers. */
export function SurfacePlot({ surface, ranges, chosen, onChoose, fileName, busy }: Props) {
  const drawing = useRef<SVGSVGElement>(null);
  const [hover, setHover] = useState<Place | null>(null);
  const tokens = useTokens();
  const hatch = useId();
  const metric = METRICS[metricOf(surface.metric)];
  const scale = useMemo(() => scaleOf(shownValues(surface), metric.signed), [surface, metric.signed]);
  const cloud = useMemo(() => cloudOf(surface, ranges), [surface, ranges]);
  const at = (event: MouseEvent<SVGSVGElement>): Place | null => {
    const box = event.currentTarget.getBoundingClientRect();
    const [x, y] = [((event.clientX - box.left) / box.width) * WIDTH, ((event.clientY - box.top) / box.height) * HEIGHT];
    return cloud ? dotAt(cloud, x, y) : cellAt(surface, x, y);
  };
  const shared: DrawingProps = { surface, scale, show: metric.show, chosen, hover };
  return (
    <figure className={styles.plot} data-busy={busy || undefined}>
      <svg
        ref={drawing}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={aboutWords(surface)}
        onPointerMove={(event) => setHover(at(event))}
        onPointerLeave={() => setHover(null)}
        onClick={(event) => {
          const found = at(event)?.number ?? null;
          if (found !== null) onChoose(found);
        }}
      >
        <defs>
          <pattern id={hatch} width={5} height={5} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <path d="M0 0V5" className={styles.hatch} />
          </pattern>
        </defs>
        {cloud ? <Scatter {...shared} cloud={cloud} /> : <HeatMap {...shared} hatch={hatch} />}
        <text x={(MARGIN.left + WIDTH - MARGIN.right) / 2} y={HEIGHT - 6} className={styles.axisName}>
          {settingWords(surface.x)}
        </text>
        <text x={8} y={12} className={styles.axisNameY}>
          {surface.y === null ? (surface.points ? metric.label : "") : settingWords(surface.y)}
        </text>
      </svg>
      <figcaption className={styles.caption}>
        <Legend scale={scale} show={metric.show} points={surface.points !== null} />
        <Button
          variant="subtle"
          size="compact-xs"
          mih={24}
          onClick={() => {
            if (drawing.current) download(new Blob([svgFile(drawing.current, tokens.page)], { type: "image/svg+xml" }), `${fileName}.svg`);
          }}
        >
          SVG
        </Button>
        <span className={styles.readout}>{hover ? hoverWords(surface, hover, metric) : "A cell or a point marks its row; a row marks its place."}</span>
      </figcaption>
    </figure>
  );
}

function hoverWords(surface: Surface, { x, y, value }: Place, { label, show }: { label: string; show: (value: number | null) => string }): string {
  const up = surface.y === null ? "" : `, ${settingWords(surface.y)} ${settingValue(y)}`;
  const said = value === null ? "contradicts itself, or never traded" : `${label} ${show(value)}`;
  return `${settingWords(surface.x)} ${settingValue(x)}${up}: ${said}`;
}

/** What a screen reader hears of the drawing; the table has every number. */
function aboutWords(surface: Surface): string {
  const metric = METRICS[metricOf(surface.metric)];
  const over = surface.y === null ? settingWords(surface.x) : `${settingWords(surface.x)} and ${settingWords(surface.y)}`;
  const place = (found: Surface["best"]) =>
    found === null ? "nowhere" : `${metric.show(found.value)} at ${settingWords(surface.x)} ${settingValue(found.x)}${surface.y === null ? "" : `, ${settingWords(surface.y)} ${settingValue(found.y)}`}`;
  return `${metric.label} over ${over}. Best: ${place(surface.best)}. Plateau: ${place(surface.plateau)}. The table of combinations has the numbers.`;
}

function Legend({ scale, show, points }: { readonly scale: Scale; readonly show: (value: number) => string; readonly points: boolean }): ReactNode {
  const steps = legendOf(scale);
  return (
    <span className={styles.legend} aria-hidden="true">
      <span>{show(steps[0]?.from ?? 0)}</span>
      {steps.map(({ shade }) => (
        <span key={shade} className={styles.swatch} data-shade={shade} data-round={points || undefined} />
      ))}
      <span>{show(steps.at(-1)?.to ?? 0)}</span>
      {scale.signed ? <span>{points ? "below zero hollow" : "below zero hatched"}</span> : null}
    </span>
  );
}
