import { randomBytes } from "node:crypto";
import type { Latchkey } from "../start-latchkey";
import type { makeVictim } from "./arena";
import { ask, summary } from "./ask";
import { auditChain } from "./audit-chain";
import { mark } from "./marks";
import { until } from "./processes";

/** What the faults add up to, for the figures at the end. */
export const figures = { acknowledged: 0, lost: 0, longestRecoveryMs: 0 };

type Victim = Awaited<ReturnType<typeof makeVictim>>;

/** Writes that go on through a fault: what was acknowledged is remembered and looked for afterwards. */
export function writerOf(latchkey: () => Latchkey, victim: Victim, host: string) {
  const acknowledged: string[] = [];
  const lost = new Set<string>();
  let count = 0;
  /** One credential on a repository of its own: the status, or "no answer" within `withinMs`. */
  const write = async (withinMs = 30_000): Promise<string> => {
    const name = `written-${++count}-${randomBytes(3).toString("hex")}`;
    const { url } = latchkey();
    const token = await victim.key.token({ repo: name });
    const base_repo = { provider: "gitea", owner: "acme", name: "app", upstream_host: host };
    const written = async () => {
      const made = await ask(url, { method: "POST", path: "/api/v1/repos", token, body: { base_repo } });
      if (made.status !== 201) return summary(made);
      const body = { repo_id: name, username: "git", password: mark("written") };
      const stored = await ask(url, { method: "POST", path: "/api/v1/repos/git-credentials", token, body });
      if (stored.status === 201) {
        acknowledged.push((JSON.parse(stored.text) as { id: string }).id);
        figures.acknowledged += 1;
      }
      return summary(stored);
    };
    const late = new Promise<string>((resolve) => setTimeout(() => resolve("no answer"), withinMs).unref());
    return Promise.race([written().catch(() => "no answer"), late]);
  };
  return {
    acknowledged,
    write,
    /** Writes with eight hands, acts once some of it is acknowledged, and goes on until the act is over. */
    whileWriting: async <T>(act: () => Promise<T>): Promise<T> => {
      let over = false;
      const writers = Array.from({ length: 8 }, async () => {
        while (!over) await until("a write is answered", async () => over || (await write()) === "201");
      });
      const enough = acknowledged.length + 10;
      await until("some are written", () => acknowledged.length >= enough);
      try {
        return await act();
      } finally {
        over = true;
        await Promise.all(writers);
      }
    },
    /**
     * Waits until a write succeeds; the time since what was done at `since` is a recovery. A server that says it is ready
     * and then fails a write has not recovered: that is said.
     */
    recovered: async (since: number): Promise<string> => {
      const { url } = latchkey();
      await until("ready again", async () => {
        const answer = await ask(url, { path: "/api/ready" }).catch(() => null);
        return answer?.status === 200;
      });
      const first = await write();
      if (first !== "201") await until("a write succeeds again", async () => (await write()) === "201");
      figures.longestRecoveryMs = Math.max(figures.longestRecoveryMs, performance.now() - since);
      return first === "201" ? "recovered" : `recovered, but ${first} after it was ready`;
    },
    /** Whether all of it is there and the chain holds. */
    proof: async (): Promise<string> => {
      const { db } = latchkey();
      const found = await db.gitCredential.findMany({ where: { id: { in: acknowledged } }, select: { id: true } });
      const there = new Set(found.map(({ id }) => id));
      const gone = acknowledged.filter((id) => !there.has(id));
      figures.lost += gone.filter((id) => !lost.has(id)).length;
      for (const id of gone) lost.add(id);
      return `${gone.length} lost, chain ${await auditChain(db, victim.id)}`;
    },
  };
}
