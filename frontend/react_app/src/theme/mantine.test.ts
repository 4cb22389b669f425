import { expect, it } from "vitest";

import imported from "./mantineStyles?raw";

const sources = import.meta.glob<string>("../**/*.tsx", { query: "?raw", import: "default", eager: true });
const styled = Object.keys(import.meta.glob("/node_modules/@mantine/core/styles/*.css", { query: "?raw" }))
  .map((path) => /([^/]+)\.css$/.exec(path)?.[1] ?? "")
  .filter((name) => !name.endsWith(".layer"));

it("every part of the component library in use brings its styles", () => {
  expect(styled).toContain("Button");
  const used = Object.values(sources)
    .flatMap((source) => [...source.matchAll(/import \{([^}]*)\} from "@mantine\/core"/g)])
    .flatMap(([, names]) => (names ?? "").split(","))
    .map((name) => name.replace("type ", "").trim());
  const needed = styled.filter((name) => used.includes(name));
  expect(needed).toContain("Button");
  const missing = needed.filter((name) => !imported.includes(`"@mantine/core/styles/${name}.css"`));
  expect(missing).toEqual([]);
});
