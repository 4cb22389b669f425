// Puts a .gz beside each text file of the build: the server sends it to whoever accepts it, and compresses nothing.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const TEXT = /\.(?:js|css|svg|json|txt|webmanifest)$/;
const WORTH_IT = 0.95;

for (const entry of readdirSync("dist", { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !TEXT.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const bytes = readFileSync(path);
  const small = gzipSync(bytes, { level: 9 });
  if (small.length < bytes.length * WORTH_IT) writeFileSync(`${path}.gz`, small);
}
