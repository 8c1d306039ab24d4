import os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { HOLD_MS, holdKeys, letGoOfKeys } from "@/lib/domain/vault/hold-keys";
import { newId } from "@/lib/domain/new-id";
import { database } from "./database/client";
import { configuredKeyRing, keyRing, setKeyRing } from "./key-ring";
import { log } from "./log";

const LET_GO_MS = 2_000;

/**
 * From here on this process says which keys it has, and takes up what is changed in the key file. Answers how to stop.
 * Throws an Error for the operator where the keys are not the right ones; later on, wrong ones are not taken, and logged.
 */
export async function keepKeyRing(kind: "web" | "worker" | "import"): Promise<() => Promise<void>> {
  const ctx = { db: database(), clock: () => new Date(), requestId: kind };
  const holder = { id: newId("proc"), name: `${kind}, process ${process.pid} on ${os.hostname()}` };
  setKeyRing(await holdKeys(ctx, holder, configuredKeyRing()));
  let running: Promise<void> | undefined;
  let said = "";
  const say = (problem: string) => {
    if (problem && problem !== said) log.error({ operation: "hold keys", problem }, "the keys stay as they were");
    said = problem;
  };
  const renew = async () => {
    const current = keyRing();
    try {
      setKeyRing(await holdKeys(ctx, holder, configuredKeyRing(), current));
      say("");
    } catch (error) {
      say(problemOf(error));
      setKeyRing(await holdKeys(ctx, holder, current, current));
    }
  };
  const timer = setInterval(() => {
    running ??= renew()
      .catch(() => say("the database may be away"))
      .finally(() => (running = undefined));
  }, HOLD_MS);
  return async () => {
    clearInterval(timer);
    // A database that does not answer holds up nobody's end: who is silent counts as gone before long.
    const gone = Promise.resolve(running).then(() => letGoOfKeys(ctx, holder.id));
    await Promise.race([gone.catch(() => undefined), sleep(LET_GO_MS)]);
  };
}

/** A database's message holds the values it was given; ours are for the operator, and hold no key. */
function problemOf(error: unknown): string {
  return error instanceof Error && error.name === "Error" ? error.message : "the database may be away";
}
