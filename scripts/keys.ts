import { complain, say } from "@/lib/platform/terminal";
import os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { addKey } from "@/lib/domain/vault/add-key";
import { checkMasterKeys } from "@/lib/domain/vault/check-master-keys";
import { countSealed } from "@/lib/domain/vault/count-sealed";
import { liveHolders } from "@/lib/domain/vault/hold-keys";
import { listKeys } from "@/lib/domain/vault/list-keys";
import { unretired } from "@/lib/domain/vault/remember-keys";
import { retireKey } from "@/lib/domain/vault/retire-key";
import { rewrapSecrets, type Unreadable } from "@/lib/domain/vault/rewrap-secrets";
import { SEALED_TABLES } from "@/lib/domain/vault/sealed-tables";
import { database } from "@/lib/platform/database/client";
import { masterKeysFile } from "@/lib/platform/env";
import { errorFacts } from "@/lib/platform/error-facts";
import { keyFile } from "@/lib/platform/key-file";
import { configuredKeyRing } from "@/lib/platform/key-ring";

// The master keys of an installation that may be running: docs/operate, "Master keys".

const USAGE = `npm run keys -- list         which keys there are, what is sealed under them, and which processes have them
npm run keys -- add          makes a key and puts it first: it seals what is new
npm run keys -- rewrap       seals every stored secret under the first key
npm run keys -- retire ID    ends a key that nothing is sealed under any more`;

const BY = "npm run keys";
/** Processes that run look at their keys every few seconds. */
const PATIENCE_MS = 12_000;

const keeper = () => ({ db: database(), clock: () => new Date(), requestId: "keys" });
const commands: Record<string, (id: string) => Promise<void>> = { list, add, rewrap, retire };

const [name = "", id = "", ...rest] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (!command || rest.length > 0 || (name === "retire") !== (id !== "")) {
  complain(USAGE);
  process.exit(2);
}
try {
  await command(id);
} catch (error) {
  complain(await sentence(error));
  process.exitCode = 1;
} finally {
  await Promise.resolve()
    .then(() => database().$disconnect())
    .catch(() => undefined);
}

/** What a database says holds the values that it was given; ours is for the operator. */
async function sentence(error: unknown): Promise<string> {
  if (error instanceof Error && error.name === "Error" && !("code" in error)) return error.message;
  const there = await database().$queryRaw`SELECT 1`.catch(() => undefined);
  return there
    ? `The database did not do as it was asked (${errorFacts(error).error}). See how it stands, then run it again: npm run keys -- list`
    : "The database cannot be reached. Start Latchkey first, or set DATABASE_URL as the service has it.";
}

async function list(): Promise<void> {
  const { keys, holders } = await listKeys(keeper(), configuredKeyRing());
  const rows = keys.map((key) => [
    key.id,
    String(key.secrets),
    `${key.heldBy} of ${holders.length}`,
    `${key.sealedWithBy} of ${holders.length}`,
    { first: "first", kept: "kept", none: "not configured here" }[key.place],
  ]);
  printTable([["Key", "Secrets", "Processes have it", "seal with it", "Place"], ...rows]);
  for (const holder of holders) say(`${holder.name}: ${holder.keyIds.join(", ")}; seals with ${holder.sealsWith}`);
}

async function add(): Promise<void> {
  const file = masterKeysFile();
  if (file === undefined) {
    say(`The keys are in LATCHKEY_MASTER_KEYS, which is yours to change:
1. Make a key: echo "ID:$(openssl rand -base64 32)", with an id that was never used.
2. Put it in front of the others, with a comma, on every instance, and restart them one after the other.
   Nothing is sealed with it before all of them have it: npm run keys -- list
3. npm run keys -- rewrap`);
    return;
  }
  const { keyId } = await addKey(keeper(), BY, keyFile(file));
  say(`Made master key "${keyId}" in ${file}. Back the file up, apart from the database.`);
  await sealedWithEverywhere(keyId);
  say(`Every process that runs seals with it. Next: npm run keys -- rewrap`);
}

async function rewrap(): Promise<void> {
  const configured = configuredKeyRing();
  await checkMasterKeys(database(), configured);
  const ring = await unretired(database(), configured);
  await sealedWithEverywhere(ring.primary.id);
  // Serving comes first.
  os.setPriority(10);
  let said = -Infinity;
  const { rewrapped, unreadable } = await rewrapSecrets(keeper(), BY, ring, (done, total) => {
    if (performance.now() - said < 1_000) return;
    said = performance.now();
    say(`${done} of ${total}`);
  });
  say(`Rewrapped ${rewrapped} under master key "${ring.primary.id}".`);
  const counts = await countSealed(database());
  counts.delete(ring.primary.id);
  const left = [...counts].reduce((sum, [, count]) => sum + count, 0);
  if (left === 0) return;
  process.exitCode = 1;
  const newer = [...counts].find(([keyId]) => !ring.get(keyId));
  if (newer) complain(`Master key "${newer[0]}" was added meanwhile and seals what is new. Run it again.`);
  else if (unreadable.length < left)
    complain(`${left - unreadable.length} were being changed at the moment. Run it again.`);
  if (unreadable.length > 0)
    complain(`${unreadable.length} do not open and stay as they are:\n${whatHelps(unreadable)}`);
}

/** A line for each table: its rows that do not open, the first of them by name, and what helps there. */
function whatHelps(unreadable: readonly Unreadable[]): string {
  const lines = SEALED_TABLES.flatMap(({ name, remedy }) => {
    const rows = unreadable.filter(({ table }) => table.name === name);
    const some = rows.slice(0, 20).map(({ id, version }) => (version === 0 ? id : `${id} ${version}`));
    if (rows.length > some.length) some.push("…");
    return rows.length > 0 ? [`${name} ${some.join(", ")}: ${remedy}.`] : [];
  });
  return lines.join("\n");
}

async function retire(keyId: string): Promise<void> {
  const file = masterKeysFile();
  await retireKey(keeper(), BY, keyId, file === undefined ? { ring: configuredKeyRing() } : { file: keyFile(file) });
  say(
    `Master key "${keyId}" is retired${file === undefined ? ". Take it out of LATCHKEY_MASTER_KEYS: it is not used any more" : ` and out of ${file}`}.
Older backups of the database are sealed under it: keep your copy of it for as long as you keep those.`,
  );
}

/** Waits until every process that runs seals with this key. Throws an Error that says which one does not, and why. */
async function sealedWithEverywhere(keyId: string): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const behind = (await liveHolders(database())).filter(({ sealsWith }) => sealsWith !== keyId);
    if (behind.length === 0) return;
    if (performance.now() > until) {
      const without = behind.find(({ keyIds }) => !keyIds.includes(keyId));
      throw new Error(
        without
          ? `${without.name} does not have master key "${keyId}" yet. Give it the key; until then nothing is sealed with it.`
          : `${behind[0]!.name} seals with "${behind[0]!.sealsWith}". Put "${keyId}" first among its keys.`,
      );
    }
    await sleep(500);
  }
}

function printTable(rows: (string | undefined)[][]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows)
    say(
      row
        .map((cell = "", column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    );
}
