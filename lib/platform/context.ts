import type { Actor } from "@/lib/domain/access/actor";
import type { Context } from "@/lib/domain/context";
import { createEgressPolicy, type EgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { createUpstreamClient, type UpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { createVault } from "@/lib/domain/vault/vault";
import { database } from "./database/client";
import { env, upstreamAuthorities } from "./env";
import { keyRing } from "./key-ring";

const vault = createVault(keyRing);

let outward: { egress: EgressPolicy; upstream: UpstreamClient } | undefined;

/** The composition root: what a verb gets in this process. */
export function createContext(actor: Actor, requestId: string, address: string | null): Context {
  const mailFrom = env().LATCHKEY_MAIL_FROM ?? null;
  return { actor, db: database(), vault, ...outwards(), mailFrom, clock: () => new Date(), requestId, address };
}

function outwards() {
  if (!outward) {
    const egress = createEgressPolicy(env().LATCHKEY_EGRESS_ALLOW);
    outward = { egress, upstream: createUpstreamClient(egress, upstreamAuthorities()) };
  }
  return outward;
}
