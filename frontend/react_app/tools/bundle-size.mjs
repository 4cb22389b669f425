// Weighs a first visit from the build's manifest: the page, the landing route, styles and the font, as gzip sends them.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 350;
const LANDING = ["index.html", "src/app/routes/LoginRoute.tsx", "src/app/routes/DashboardRoute.tsx"];

const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"));
const files = new Set(["index.html", "theme-boot.js"]);
const seen = new Set();

function add(key) {
  const chunk = manifest[key];
  if (!chunk || seen.has(key)) return;
  seen.add(key);
  for (const file of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])]) files.add(file);
  (chunk.imports ?? []).forEach(add);
}

LANDING.forEach((key) => {
  if (!manifest[key]) throw new Error(`${key} is not in the build: its name in tools/bundle-size.mjs is out of date`);
  add(key);
});

let total = 0;
for (const file of [...files].sort()) {
  const bytes = readFileSync(`dist/${file}`);
  // A font is compressed already, and sent as it is.
  const size = file.endsWith(".woff2") ? bytes.length : gzipSync(bytes, { level: 6 }).length;
  total += size;
  console.log(`${(size / 1000).toFixed(1).padStart(8)} kB  ${file}`);
}
console.log(`${(total / 1000).toFixed(1).padStart(8)} kB  first load (limit ${LIMIT_KB} kB)`);
if (total > LIMIT_KB * 1000) {
  console.error("The first load is too heavy: load what it does not need later.");
  process.exit(1);
}
