import type { Actor } from "@/lib/domain/access/actor";
import type { Context } from "@/lib/domain/context";
import { parseKeyRing } from "@/lib/domain/vault/key-ring";
import { createVault, type Vault } from "@/lib/domain/vault/vault";
import { database } from "./database/client";
import { masterKeysText } from "./env";

let processVault: Vault | undefined;

/** This process's vault; throws as `parseKeyRing` does. */
export function vault(): Vault {
  processVault ??= createVault(parseKeyRing(masterKeysText()));
  return processVault;
}

/** The composition root: what a verb gets in this process. */
export function createContext(actor: Actor, requestId: string): Context {
  return { actor, db: database(), vault: vault(), clock: () => new Date(), requestId };
}
