import type { Actor } from "@/lib/domain/access/actor";
import type { Context } from "@/lib/domain/context";
import { createEgressPolicy, type EgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { parseKeyRing } from "@/lib/domain/vault/key-ring";
import { createVault, type Vault } from "@/lib/domain/vault/vault";
import { database } from "./database/client";
import { env, masterKeysText } from "./env";

let processVault: Vault | undefined;

/** This process's vault; throws as `parseKeyRing` does. */
export function vault(): Vault {
  processVault ??= createVault(parseKeyRing(masterKeysText()));
  return processVault;
}

let processEgress: EgressPolicy | undefined;

/** The composition root: what a verb gets in this process. */
export function createContext(actor: Actor, requestId: string): Context {
  processEgress ??= createEgressPolicy(env().LATCHKEY_EGRESS_ALLOW);
  return { actor, db: database(), vault: vault(), egress: processEgress, clock: () => new Date(), requestId };
}
