/** An `<svg>` element as the address of a picture: alone, it needs its namespace, and a view box to be drawn at any size. */
export function qrImage(svg: string): string {
  const drawn = new DOMParser().parseFromString(svg, "text/html").querySelector("svg");
  if (!drawn) return "";
  const [width, height] = [drawn.getAttribute("width"), drawn.getAttribute("height")];
  if (width && height && !drawn.hasAttribute("viewBox")) drawn.setAttribute("viewBox", `0 0 ${width} ${height}`);
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(drawn))}`;
}
