import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import type { UpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { PrismaClient } from "@/lib/platform/prisma-client/client";

/**
 * Everything that a verb does to the world, one after the other: each statement on the wire, each request to a host, each
 * touch of the disk. At the step that is asked for, it stands still for good, before the step is done.
 */
export class Steps {
  readonly names: string[] = [];
  /** Resolves once the verb stands still. */
  readonly stands: Promise<void>;
  #stop!: () => void;

  /** `at` counts from 1; 0 lets everything pass. */
  constructor(readonly at: number) {
    this.stands = new Promise((resolve) => (this.#stop = resolve));
  }

  /** Resolves at once, or never. */
  pass(name: string): Promise<void> {
    if (this.at > 0 && this.names.length >= this.at - 1) {
      this.#stop();
      return new Promise(() => undefined);
    }
    this.names.push(name);
    return Promise.resolve();
  }
}

/** A database client whose every statement is a step, the beginnings and ends of transactions among them. */
export function steppingDatabase(connectionString: string, steps: Steps): PrismaClient {
  type Query = (...args: unknown[]) => Promise<unknown>;
  class SteppingClient extends pg.Client {
    // The driver's method has a dozen signatures; the adapter uses the one that answers a promise.
    override query = (async (...args: unknown[]) => {
      await steps.pass(nameOf(args[0]));
      return (super.query as unknown as Query).apply(this, args);
    }) as unknown as pg.Client["query"];
  }
  const Client = SteppingClient as unknown as new () => pg.ClientBase;
  return new PrismaClient({ adapter: new PrismaPg({ connectionString, max: 2, Client }) });
}

/** Which tables a statement writes, or what else it does. */
function nameOf(query: unknown): string {
  const text = (typeof query === "string" ? query : (query as { text: string }).text).replace(/"public"\.|"/g, "");
  const writes = [...text.matchAll(/\b(INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)/g)].map(
    ([, verb, table]) => `${verb} ${table}`,
  );
  const reads = /\bFROM (\w+)/.exec(text)?.[1];
  if (writes.length > 0) return writes.join(", ");
  return reads ? `read ${reads}` : text.trim().split(/\s+/).slice(0, 3).join(" ");
}

/** An upstream client whose every request is a step. */
export function steppingUpstream(upstream: UpstreamClient, steps: Steps): UpstreamClient {
  return {
    connect(host) {
      const connection = upstream.connect(host);
      return {
        ...connection,
        get: async (request) => {
          await steps.pass(`GET ${request.path}`);
          return connection.get(request);
        },
        post: async (request) => {
          await steps.pass(`POST ${request.path}`);
          return connection.post(request);
        },
      };
    },
  };
}

/** Makes a step of everything that is done to the disk in each of these folders, from now on in this process. */
export function stepOnDisk(folders: ReadonlyMap<string, Steps>): void {
  const { open, rm } = fs;
  const of = (file: unknown) => [...folders].find(([folder]) => String(file).startsWith(folder))?.[1];
  const wrapped = {
    open: async (...args: Parameters<typeof open>) => {
      const steps = of(args[0]);
      await steps?.pass(args[1] === "r" ? "open the folder" : "open");
      const file = await open(...args);
      if (!steps) return file;
      const writeFile = file.writeFile.bind(file);
      const sync = file.sync.bind(file);
      file.writeFile = async (...written) => {
        await steps.pass("write");
        return writeFile(...written);
      };
      file.sync = async () => {
        await steps.pass(args[1] === "r" ? "sync the folder" : "sync");
        return sync();
      };
      return file;
    },
    rm: async (...args: Parameters<typeof rm>) => {
      await of(args[0])?.pass("remove");
      return rm(...args);
    },
  };
  Object.assign(fs, wrapped);
  syncBuiltinESMExports();
}
