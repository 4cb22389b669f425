/** A chart as a picture one can pass on: its title, its panes' names, and the drawing. */
import { fonts, type ChartTokens } from "@/theme/tokens";

const HEADER = 28;

interface Picture {
  readonly canvas: HTMLCanvasElement;
  readonly tops: readonly number[];
  readonly title: string;
  readonly panes: readonly string[];
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
  context.fillStyle = palette.text;
  context.font = `${11 * ratio}px ${fonts.text}`;
  panes.forEach((pane, index) => context.fillText(pane, 8 * ratio, (HEADER + (tops[index] ?? 0) + 12) * ratio));
  return picture;
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
