import { defineConfig } from "@hey-api/openapi-ts";

// The typed client is made from the schema that Django writes; `make check` fails when the two drift apart.
export default defineConfig({
  input: "./openapi.json",
  output: { path: "src/lib/api/generated", clean: true },
  plugins: [
    { name: "@hey-api/client-fetch", throwOnError: true },
    { name: "@hey-api/typescript" },
    { name: "@hey-api/sdk", responseStyle: "data" },
  ],
});
