import type { Socket } from "node:net";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { PrismaClient } from "@/lib/platform/prisma-client/client";

/**
 * A database client that loses its connection with every commit: it is done, and its answer never arrives. `meanwhile`
 * happens before anybody hears of that.
 */
export function cutAfterCommit(connectionString: string, meanwhile: () => Promise<unknown>): PrismaClient {
  type Query = (...args: unknown[]) => Promise<unknown>;
  class CutClient extends pg.Client {
    // The driver's method has a dozen signatures; the adapter uses the one that answers a promise.
    override query = (async (...args: unknown[]) => {
      const [query] = args as [string | { text: string }];
      const answer = await (super.query as unknown as Query).apply(this, args);
      if ((typeof query === "string" ? query : query.text) !== "COMMIT") return answer;
      await meanwhile();
      (this as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
      throw new Error("Connection terminated unexpectedly");
    }) as unknown as pg.Client["query"];
  }
  const Client = CutClient as unknown as new () => pg.ClientBase;
  return new PrismaClient({ adapter: new PrismaPg({ connectionString, max: 2, Client }) });
}
