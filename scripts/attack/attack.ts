import type { PrismaClient } from "@/lib/platform/prisma-client/client";
import { changedSince, tablesDigest } from "./tables-digest";

/** One thing that an attacker, or an accident, may try. */
export interface Attack {
  name: string;
  /** What must be seen; a pattern where more than one answer is right. */
  expected: string | RegExp;
  /** Tries it from outside, and says in a line what was seen. One that throws has failed, whatever was expected. */
  attempt: () => Promise<string>;
  /** Where rows may change, `attempt` itself says what became of them; everywhere else none may. */
  writes?: true;
}

export interface GroupResult {
  group: string;
  cases: number;
  seconds: number;
  failures: { name: string; expected: string; seen: string }[];
}

/** The first that is tried begins them all: for those that wait, and may write. */
export function sideBySide(attacks: readonly Attack[]): Attack[] {
  let begun: Promise<string>[] | undefined;
  const begin = () =>
    attacks.map(({ attempt }) => {
      const trying = attempt();
      // Whoever asks for it is told that it failed.
      trying.catch(() => undefined);
      return trying;
    });
  return attacks.map((attack, index) => ({ ...attack, attempt: () => (begun ??= begin())[index]! }));
}

/** Runs attacks one after the other, and compares all that the database holds before and after each. */
export async function runGroup(group: string, attacks: readonly Attack[], db: PrismaClient): Promise<GroupResult> {
  const started = Date.now();
  const failures: GroupResult["failures"] = [];
  for (const { name, expected, attempt, writes } of attacks) {
    const before = writes ? null : await tablesDigest(db);
    const { seen, thrown } = await attempt().then(
      (said) => ({ seen: said, thrown: false }),
      (error: unknown) => ({ seen: `thrown: ${String(error)}`, thrown: true }),
    );
    const changed = before ? await changedSince(db, before) : "nothing changed";
    const met = typeof expected === "string" ? seen === expected : expected.test(seen);
    if (thrown || !met) failures.push({ name, expected: String(expected), seen: seen.slice(0, 2000) });
    else if (changed !== "nothing changed") failures.push({ name, expected: "nothing changed", seen: changed });
  }
  return { group, cases: attacks.length, seconds: Math.round((Date.now() - started) / 1000), failures };
}
