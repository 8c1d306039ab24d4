import type { Latchkey } from "../start-latchkey";
import { until } from "./processes";

/** Waits for the end of a repository's first pull after the given one, and says what it was. */
export async function pullOutcome(
  db: Latchkey["db"],
  repositoryId: string,
  { after = 0, withinMs }: { after?: number; withinMs?: number } = {},
): Promise<string> {
  const ended = () =>
    db.syncRun.findFirst({
      where: { repositoryId, finishedAt: { not: null }, number: { gt: after } },
      orderBy: { number: "asc" },
    });
  await until("a pull ends", async () => (await ended()) !== null, withinMs);
  return (await ended())!.outcome ?? "none";
}
