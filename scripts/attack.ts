import { startArena, type Arena } from "./attack/arena";
import { runGroup, type Attack, type GroupResult } from "./attack/attack";
import { concurrency } from "./attack/concurrency";
import { egress } from "./attack/egress";
import { faults } from "./attack/faults";
import { input } from "./attack/input";
import { leakage, secretsFound } from "./attack/leakage";
import { limits } from "./attack/limits";
import { sealing } from "./attack/sealing";
import { slowFaults } from "./attack/slow-faults";
import { tenancy } from "./attack/tenancy";
import { tokens } from "./attack/tokens";
import { figures } from "./attack/writer";
import { buildIfStale } from "./build-if-stale";

// Attacks the production build from outside, on loopback: npm run attack [-- --short] [GROUP …]

const KILLS = 200;
const KILLS_SHORT = 10;

interface Prepared {
  attacks: readonly Attack[];
  /** What could not be tried here, and why. */
  skipped?: readonly string[];
  stop?: () => Promise<unknown>;
}

const short = process.argv.includes("--short");
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
/**
 * Those that prove that no row changed go before those that leave pulls and deliveries to be tried again. Leakage is the
 * last that shares the arena: it searches everything that was answered and printed before it.
 */
const GROUPS: Record<string, (arena: Arena) => Promise<Prepared>> = {
  input: alone(input),
  tokens: alone(tokens),
  tenancy: alone(tenancy),
  limits,
  egress: alone(egress),
  sealing: alone(sealing),
  concurrency,
  leakage: alone(leakage),
  faults: async (arena) => faults(arena, await slow!),
};

const unknown = wanted.find((group) => !GROUPS[group]);
if (unknown) {
  console.error(`There is no group "${unknown}". The groups: ${Object.keys(GROUPS).join(", ")}.`);
  process.exit(2);
}
await buildIfStale();
const started = Date.now();
const arena = await startArena();
const isWanted = (group: string) => wanted.length === 0 || wanted.includes(group);
/** They take minutes, and begin with the first group. */
const slow = isWanted("faults") ? slowFaults(arena, short ? KILLS_SHORT : KILLS) : undefined;
slow?.catch(() => undefined);
const results: GroupResult[] = [];
const skipped: string[] = [];
let left: number;
try {
  for (const [group, prepare] of Object.entries(GROUPS)) {
    if (isWanted(group)) results.push(await attackWith(group, await prepare(arena)));
  }
} finally {
  left = await arena.stop();
}
report();

/** A group that starts nothing of its own. */
function alone(attacks: (arena: Arena) => Promise<readonly Attack[]>) {
  return async (arena: Arena): Promise<Prepared> => ({ attacks: await attacks(arena) });
}

async function attackWith(group: string, prepared: Prepared): Promise<GroupResult> {
  try {
    const result = await runGroup(group, prepared.attacks, arena.db);
    console.log(`${result.failures.length === 0 ? "✓" : "✗"} ${group}: ${result.cases} cases (${result.seconds} s)`);
    for (const { name, expected, seen } of result.failures) {
      console.log(`  ✗ ${name}\n    expected: ${expected}\n    seen:     ${seen}`);
    }
    for (const reason of prepared.skipped ?? []) console.log(`  skipped: ${reason}`);
    skipped.push(...(prepared.skipped ?? []));
    return result;
  } finally {
    await prepared.stop?.();
  }
}

function report(): void {
  const sum = (of: (result: GroupResult) => number) => results.reduce((total, result) => total + of(result), 0);
  const failed = sum(({ failures }) => failures.length);
  console.table(
    results.map(({ group, cases, failures, seconds }) => ({ group, cases, failed: failures.length, seconds })),
  );
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(
    `Cases: ${sum(({ cases }) => cases)}, failed: ${failed}, skipped: ${skipped.length || "none"}, in ${seconds} s`,
  );
  console.log(`Acknowledged writes: ${figures.acknowledged}, lost: ${figures.lost}`);
  console.log(`Secrets found: ${secretsFound}`);
  console.log(`Longest recovery: ${(figures.longestRecoveryMs / 1000).toFixed(1)} s`);
  console.log(`Processes left: ${left}`);
  // Where all of it can be tried, all of it must be.
  const untried = process.env.CI ? skipped.length : 0;
  process.exitCode = failed + left + figures.lost + secretsFound + untried === 0 ? 0 : 1;
}
