/** A chart as a picture one can pass on: its title, its panes' names, and the drawing. */
import { fonts, type ChartTokens } from "@/theme/tokens";

import { colorOf, type Pane } from "./panes";

const HEADER = 28;

interface Picture {
  readonly canvas: HTMLCanvasElement;
  readonly tops: readonly number[];
  readonly title: string;
  readonly panes: readonly Pane[];
  readonly palette: ChartTokens;
}

/** Draws title and pane names over the screenshot; sizes are in its device pixels. */
export function composePicture({ canvas, tops, title, panes, palette }: Picture, ratio: number): HTMLCanvasElement {
  const picture = document.createElement("canvas");
  picture.width = canvas.width;
  picture.height = canvas.height + HEADER * ratio;
  const context = picture.getContext("2d");
  if (!context) return canvas;
  context.fillStyle = palette.background;
  context.fillRect(0, 0, picture.width, picture.height);
  context.drawImage(canvas, 0, HEADER * ratio);
  context.fillStyle = palette.leg1;
  context.textBaseline = "middle";
  context.font = `600 ${14 * ratio}px ${fonts.text}`;
  context.fillText(title, 8 * ratio, (HEADER / 2) * ratio);
  context.font = `${11 * ratio}px ${fonts.text}`;
  panes.forEach((pane, index) => nameLines(context, pane, palette, (HEADER + (tops[index] ?? 0) + 12) * ratio, ratio));
  return picture;
}

/** The pane's title and its lines' names, each in its own colour, along one line. */
function nameLines(context: CanvasRenderingContext2D, pane: Pane, palette: ChartTokens, y: number, ratio: number): void {
  const named = pane.lines.filter((line) => line.read !== false);
  const words = [
    { text: pane.title, color: palette.text },
    ...named.map((line) => ({ text: line.label, color: colorOf(palette, line.color) })),
  ];
  let x = 8 * ratio;
  for (const { text, color } of words) {
    context.fillStyle = color;
    context.fillText(text, x, y);
    x += context.measureText(text).width + 12 * ratio;
  }
}

/** The canvas as a PNG file's bytes. */
export function toPng(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error("the browser could not make a PNG of this chart"));
    }, "image/png");
  });
}
