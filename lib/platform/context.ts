import type { Actor } from "@/lib/domain/access/actor";
import type { Context } from "@/lib/domain/context";
import { createEgressPolicy, type EgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { createUpstreamClient, type UpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { parseKeyRing } from "@/lib/domain/vault/key-ring";
import { createVault, type Vault } from "@/lib/domain/vault/vault";
import { database } from "./database/client";
import { env, masterKeysText, upstreamAuthorities } from "./env";

let processVault: Vault | undefined;

/** This process's vault; throws as `parseKeyRing` does. */
export function vault(): Vault {
  processVault ??= createVault(parseKeyRing(masterKeysText()));
  return processVault;
}

let outward: { egress: EgressPolicy; upstream: UpstreamClient } | undefined;

/** The composition root: what a verb gets in this process. */
export function createContext(actor: Actor, requestId: string): Context {
  return { actor, db: database(), vault: vault(), ...outwards(), clock: () => new Date(), requestId };
}

function outwards() {
  if (!outward) {
    const egress = createEgressPolicy(env().LATCHKEY_EGRESS_ALLOW);
    outward = { egress, upstream: createUpstreamClient(egress, upstreamAuthorities()) };
  }
  return outward;
}
