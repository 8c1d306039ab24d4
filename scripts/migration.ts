import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import { PrismaPGlite } from "pglite-prisma-adapter";
import { shippedMigrations } from "@/lib/platform/database/apply-migrations";
import { complain, say } from "@/lib/platform/terminal";

// `npm run migration -- NAME` writes the step from the shipped migrations to prisma/schema.prisma;
// `npm run migration -- --check` exits 1 where there would be one. Prisma's own engine is a download that we do without.

const [argument] = process.argv.slice(2);
if (!argument) {
  complain("Name the migration: npm run migration -- add_something. To look for drift: npm run migration -- --check");
  process.exit(2);
}

const script = await differenceToSchema();
if (argument === "--check") {
  if (script === undefined) say("The migrations make exactly the schema.");
  else complain(`prisma/schema.prisma and prisma/migrations differ. Missing step:\n${script}`);
  process.exitCode = script === undefined ? 0 : 1;
} else if (script === undefined) {
  say("The migrations make exactly the schema already: nothing to write.");
} else {
  const stamp = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  const folder = path.join("prisma", "migrations", `${stamp}_${argument.replace(/[^a-z0-9_]/gi, "_")}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "migration.sql"), script);
  say(`Wrote ${folder}/migration.sql`);
}

async function differenceToSchema(): Promise<string | undefined> {
  const { SchemaEngine } = await loadSchemaEngine();
  const database = new PGlite();
  for (const { sql } of shippedMigrations()) await database.exec(sql);
  const schema = { path: "prisma/schema.prisma", content: readFileSync("prisma/schema.prisma", "utf8") };
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPGlite(database));
  const engine = await SchemaEngine.new({ datamodels: [[schema.path, schema.content]] }, () => undefined, adapter);
  const { exitCode, stdout } = await engine.diff({
    from: { tag: "schemaDatasource", files: [schema], configDir: process.cwd() },
    to: { tag: "schemaDatamodel", files: [schema] },
    script: true,
    exitCode: true,
    filters: { externalTables: [], externalEnums: [] },
  });
  return exitCode === 2 ? (stdout ?? "") : undefined;
}

/** The package expects a bundler to load its WebAssembly; in Node it is loaded by hand. */
async function loadSchemaEngine(): Promise<typeof import("@prisma/schema-engine-wasm")> {
  const folder = path.dirname(createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm"));
  const glue = (await import(path.join(folder, "schema_engine_bg.js"))) as {
    __wbg_set_wasm(exports: WebAssembly.Exports): void;
  } & typeof import("@prisma/schema-engine-wasm");
  const module = await WebAssembly.compile(readFileSync(path.join(folder, "schema_engine_bg.wasm")));
  const { exports } = await WebAssembly.instantiate(module, { "./schema_engine_bg.js": glue });
  glue.__wbg_set_wasm(exports);
  (exports.__wbindgen_start as () => void)();
  return glue;
}
