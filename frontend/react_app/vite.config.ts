import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Django answers every page address with dist/index.html and serves the rest of dist/ under /static/app/
// (STATICFILES_DIRS = [("app", dist)]). Names under dist/assets/ carry a content hash.
const BUILD_BASE = "/static/app/";
const BACKEND = process.env.TITAN_BACKEND ?? "http://127.0.0.1:8000";

export default defineConfig(({ command }) => ({
  base: command === "build" ? BUILD_BASE : "/",
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    host: "127.0.0.1",
    proxy: {
      // The backend takes sockets from its own pages only.
      "/api": { target: BACKEND, headers: { origin: BACKEND } },
      "/ws": { target: BACKEND.replace(/^http/, "ws"), ws: true, headers: { origin: BACKEND } },
    },
  },
  build: {
    target: "es2022",
    sourcemap: false,
    manifest: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  test: {
    environment: "jsdom",
    setupFiles: ["./src/testing/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    // Shared machines are slow at times; nothing here measures time.
    testTimeout: 30_000,
  },
}));
