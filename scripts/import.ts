import { readFileSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  IMPORT_ITEM_STATES,
  importItemSentence,
  MAX_IMPORT_BYTES,
  OTHER_HOSTS,
  type ImportItemRow,
} from "@/lib/contract/imports";
import type { ProviderName } from "@/lib/contract/providers";
import { DomainError } from "@/lib/domain/errors";
import { importHere } from "@/lib/domain/imports/import-here";
import { createContext } from "@/lib/platform/context";
import { database } from "@/lib/platform/database/client";
import { keepKeyRing } from "@/lib/platform/keep-key-ring";
import { complain, say } from "@/lib/platform/terminal";
import { keysAtHand } from "./keys-at-hand";
import { runCommand } from "./run-command";
import { withDatabase } from "./with-database";

// Repositories and credentials from a CSV file, whether Latchkey runs or not: docs/operate, "Import and export".

const USAGE = `npm run import -- --org NAME [--provider NAME] FILE

  FILE        lines of: clone address, username, secret, and optionally a name
  --org       the organization's name
  --provider  what runs on hosts whose name does not tell it: ${OTHER_HOSTS.join(", ")}`;

const asked = readArguments();
await runCommand(async (signal) => {
  const text = readFile(asked.file);
  keysAtHand();
  await withDatabase(() => importFile(asked, text, signal));
});

function readArguments(): { org: string; file: string; provider: ProviderName | null } {
  try {
    const options = { org: { type: "string" }, provider: { type: "string" } } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const provider = OTHER_HOSTS.find((name) => name === values.provider) ?? null;
    const [file, ...rest] = positionals;
    if (values.org && file && rest.length === 0 && (values.provider === undefined || provider)) {
      return { org: values.org, file, provider };
    }
  } catch {
    // What was typed is not repeated: it may be a line of the file.
  }
  complain(USAGE);
  process.exit(2);
}

function readFile(file: string): string {
  let bytes: Buffer;
  try {
    const { size } = statSync(file);
    if (size > MAX_IMPORT_BYTES) {
      throw new DomainError("body_too_large", `${file} is larger than one import takes (512 KiB). Split it.`);
    }
    bytes = readFileSync(file);
  } catch (error) {
    throw new Error(error instanceof DomainError ? error.message : `${file} cannot be read. Is it there?`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${file} is not text in UTF-8.`);
  }
}

async function importFile({ org, provider }: typeof asked, text: string, signal: AbortSignal): Promise<void> {
  const db = database();
  const organization = await db.organization.findUnique({ where: { slug: org }, select: { id: true, slug: true } });
  if (!organization) throw new Error(`There is no organization called "${org}" here.`);
  const { id: organizationId, slug: organizationSlug } = organization;
  // What is sealed here is sealed under a key that every process has.
  const letGoOfKeys = await keepKeyRing("import");
  try {
    const ctx = createContext(
      { kind: "system", name: "npm run import", organizationId, organizationSlug },
      "import",
      null,
    );
    const counts = await importHere(ctx, { text, provider }, { tell, signal }).catch((error: unknown) => {
      throw error instanceof DomainError ? new Error(error.message) : error;
    });
    const parts = IMPORT_ITEM_STATES.filter((state) => counts[state]).map(
      (state) => `${counts[state]} ${state.replaceAll("_", " ")}`,
    );
    say(`${signal.aborted ? "Stopped" : "Done"}: ${parts.join(", ")}.`);
    const { failed = 0, unusable = 0, without_credential: without = 0, cancelled = 0 } = counts;
    if (failed + unusable + without + cancelled > 0) process.exitCode = 1;
  } finally {
    await letGoOfKeys();
    await db.$disconnect();
  }
}

function tell(item: ImportItemRow): void {
  const well = item.state === "imported" || item.state === "there";
  const name = item.repositoryName ? ` ${item.repositoryName}` : "";
  say(`${well ? "✓" : "✗"} ${item.line}${name}: ${importItemSentence(item)}`);
}
