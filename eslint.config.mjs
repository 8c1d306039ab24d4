import boundaries from "eslint-plugin-boundaries";
import next from "eslint-config-next/core-web-vitals";
import playwright from "eslint-plugin-playwright";
import tseslint from "typescript-eslint";

/** Who may import whom: the table of ARCHITECTURE.md. What is not allowed here is refused. */
const MAY_IMPORT = {
  contract: ["contract"],
  domain: ["contract", "domain", "prisma-client"],
  database: ["platform", "database", "prisma-client"],
  platform: ["contract", "domain", "platform", "database", "prisma-client"],
  ui: ["ui"],
  components: ["contract", "components", "ui"],
  app: ["contract", "domain", "platform", "components", "ui", "app"],
  api: ["contract", "domain", "platform"],
  prisma: ["contract", "domain", "platform", "database", "prisma", "prisma-client"],
  scripts: ["contract", "domain", "platform", "database", "prisma", "prisma-client", "scripts"],
  e2e: ["contract", "database", "prisma", "prisma-client", "scripts", "e2e"],
  tests: ["contract", "domain", "platform", "database", "prisma", "prisma-client", "scripts", "tests"],
};

const ELEMENTS = [
  ["prisma-client", "lib/platform/prisma-client/**"],
  ["contract", "lib/contract/**"],
  ["domain", "lib/domain/**"],
  ["database", "lib/platform/database/**"],
  ["platform", "lib/platform/**"],
  ["ui", "components/ui/**"],
  ["components", "components/**"],
  ["api", "app/api/**"],
  ["app", "app/**"],
  ["prisma", "prisma/**"],
  ["scripts", "scripts/**"],
  ["e2e", "e2e/**"],
  ["tests", "tests/**"],
];

const REACT_AND_NEXT = {
  group: ["next", "next/*", "next-auth", "next-auth/*", "react", "react-dom", "react-dom/*", "server-only"],
  message: "This room knows neither Next nor React.",
};
const NODE = { group: ["node:*"], message: "This runs in a browser too." };
const UPSTREAM = {
  group: ["node:child_process", "node:dns", "node:dns/*", "node:http", "node:https", "undici"],
  message: "Only lib/domain/upstream reaches out.",
};
const MAIL = { group: ["nodemailer", "nodemailer/*"], message: "Only lib/platform/mail speaks SMTP." };
const SEALED = {
  group: ["**/vault/envelope"],
  importNames: ["openSealed"],
  message: "Only what OPENERS names opens what is sealed.",
};
const OPENERS = [
  "lib/domain/credentials/open-secret.ts",
  "lib/domain/credentials/fingerprint.ts",
  "lib/domain/imports/import-secret.ts",
  "lib/domain/rotations/rotation-secret.ts",
  "lib/domain/second-factor/open-totp-secret.ts",
  "lib/domain/webhooks/open-webhook-secret.ts",
];
const restrict = (...patterns) => ({ "no-restricted-imports": ["error", { patterns }] });

export default tseslint.config(
  {
    ignores: [
      ".next/",
      "lib/platform/prisma-client/",
      "next-env.d.ts",
      "data/",
      "test-results/",
      "playwright-report/",
      "bench-results/",
    ],
  },
  ...next,
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_$" }],
    },
  },
  {
    files: ["**/*.ts", "**/*.tsx"],
    plugins: { boundaries },
    settings: {
      "boundaries/elements": ELEMENTS.map(([type, pattern]) => ({ type, pattern, partialMatch: false })),
      "import/resolver": { typescript: true },
    },
    rules: {
      "boundaries/dependencies": [
        "error",
        {
          default: "disallow",
          policies: Object.entries(MAY_IMPORT).map(([from, to]) => ({
            from: { element: { type: from } },
            allow: { to: { element: { types: { anyOf: to } } } },
          })),
        },
      ],
    },
  },
  { files: ["lib/contract/**"], rules: restrict(REACT_AND_NEXT, NODE) },
  { files: ["lib/domain/**"], rules: restrict(REACT_AND_NEXT, UPSTREAM, MAIL, SEALED) },
  { files: ["lib/domain/upstream/**"], rules: restrict(REACT_AND_NEXT, SEALED) },
  { files: OPENERS, rules: restrict(REACT_AND_NEXT, UPSTREAM) },
  { files: ["components/**", "app/**", "lib/platform/**"], rules: restrict(UPSTREAM, MAIL, SEALED) },
  { files: ["lib/platform/mail/**"], rules: restrict(UPSTREAM, SEALED) },
  // Starting PostgreSQL's own programs is how the embedded database runs.
  { files: ["lib/platform/database/embedded-postgres.ts"], rules: restrict(SEALED) },
  {
    files: ["lib/**", "app/**", "components/**", "proxy.ts"],
    ignores: ["lib/platform/env.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "process", property: "env", message: "Only lib/platform/env.ts reads the environment." },
      ],
    },
  },
  // What is printed goes through the log or the terminal's two functions, where secrets are struck out.
  {
    files: ["lib/**", "app/**", "components/**", "prisma/**", "proxy.ts", "scripts/**/*.ts"],
    ignores: [
      "lib/platform/stray-output.ts",
      "scripts/attack.ts",
      "scripts/bench*.ts",
      "scripts/bench/**",
      "scripts/soak.ts",
      "scripts/screenshots.ts",
    ],
    rules: { "no-console": "error" },
  },
  {
    files: ["lib/**", "scripts/**", "tests/**", "prisma/**", "e2e/**"],
    rules: { "react-hooks/rules-of-hooks": "off", "@next/next/no-assign-module-variable": "off" },
  },
  { files: ["e2e/**/*.spec.ts"], ...playwright.configs["flat/recommended"] },
  {
    files: ["e2e/**/*.spec.ts"],
    // A helper inside a test may choose; what a test asserts may not.
    rules: {
      "playwright/no-conditional-in-test": "off",
      "playwright/expect-expect": ["error", { assertFunctionNames: ["expectNoFindings"] }],
      "playwright/prefer-to-have-count": "off",
    },
  },
);
