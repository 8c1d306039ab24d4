import path from "node:path";
import { defineConfig } from "prisma/config";

// Prisma's CLI insists on a schema engine that it would download. Generating the client needs none, and our
// migrations are made and applied without it (docs/decisions/0002-migrations.md), so it gets a script that says so.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= path.join(import.meta.dirname, "prisma", "no-schema-engine.sh");
process.env.CHECKPOINT_DISABLE ??= "1";

export default defineConfig({ schema: path.join("prisma", "schema.prisma") });
