import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import js from "@eslint/js";
import importX from "eslint-plugin-import-x";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

const root = dirname(fileURLToPath(import.meta.url));
const source = join(root, "src");

/** Resolves "@/x" and relative paths to files, as Vite does; everything else is not ours to judge. */
const aliasResolver = {
  interfaceVersion: 3,
  name: "alias",
  resolve(specifier, from) {
    let base = null;
    if (specifier.startsWith("@/")) base = join(source, specifier.slice(2));
    else if (specifier.startsWith(".")) base = resolve(dirname(from), specifier);
    if (base === null) return { found: false };
    const candidates = ["", ".ts", ".tsx", ".js", "/index.ts", "/index.tsx"].map((end) => base + end);
    const path = candidates.find((each) => existsSync(each) && statSync(each).isFile());
    return path ? { found: true, path } : { found: false };
  },
};

/** Who may know whom: app → features → components → lib → theme; a feature never meets another feature. */
const features = readdirSync(join(source, "features"), { withFileTypes: true }).filter((each) => each.isDirectory());
const zones = [
  ...features.map(({ name }) => ({
    target: `./src/features/${name}`,
    from: "./src/features",
    except: [`./${name}`],
    message: "One feature never imports another: move what is shared to components or lib.",
  })),
  { target: "./src/features", from: "./src/app", message: "Features do not know the application around them." },
  {
    target: "./src/components",
    from: ["./src/app", "./src/features"],
    message: "Components get data, and know no feature.",
  },
  {
    target: ["./src/lib", "./src/theme"],
    from: ["./src/app", "./src/features", "./src/components"],
    message: "lib and theme are the ground floor.",
  },
];

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/lib/api/generated"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: ["./tsconfig.json", "./tsconfig.node.json"], tsconfigRootDir: root },
    },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "@typescript-eslint/only-throw-error": ["error", { allow: ["Redirect", "NotFoundError"] }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // Event handlers may be async: what they reject with reaches the window's error listener.
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "import-x": importX, "react-hooks": reactHooks, "jsx-a11y": jsxA11y },
    languageOptions: { globals: globals.browser },
    settings: { "import-x/resolver-next": [aliasResolver] },
    rules: {
      ...reactHooks.configs.recommended.rules,
      ...jsxA11y.flatConfigs.strict.rules,
      "import-x/no-restricted-paths": ["error", { basePath: root, zones }],
      "import-x/no-cycle": "error",
      "import-x/no-duplicates": "error",
      "no-console": "error",
    },
  },
  {
    files: ["src/**/*.test.{ts,tsx}", "src/testing/**"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off", "@typescript-eslint/unbound-method": "off" },
  },
  { files: ["public/*.js"], languageOptions: { globals: globals.browser, sourceType: "script" } },
  { files: ["tools/**", "*.js"], languageOptions: { globals: globals.node } },
);
