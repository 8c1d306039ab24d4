import type { PrismaClient } from "@/lib/platform/prisma-client/client";
import type { Actor } from "./access/actor";
import type { EgressPolicy } from "./upstream/egress-policy";
import type { UpstreamClient } from "./upstream/upstream-client";
import type { Vault } from "./vault/vault";

/** Everything a verb may lean on besides its input. Built in one place: `lib/platform/context.ts`. */
export interface Context {
  actor: Actor;
  db: PrismaClient;
  vault: Vault;
  egress: EgressPolicy;
  upstream: UpstreamClient;
  /** Whom mail is from; null where the operator has set up none, and then none is sent. */
  mailFrom: string | null;
  /** The current time; tests set it. */
  clock: () => Date;
  requestId: string;
  /** Where the request came from; null where nobody's request is behind it: a job, a command, a start. */
  address: string | null;
}

/** The client inside an interactive transaction. */
export type Transaction = Parameters<Parameters<PrismaClient["$transaction"]>[0]>[0];
