import { createHmac, randomBytes } from "node:crypto";
import { sqltag as sql } from "@prisma/client/runtime/client";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { openSealed } from "../vault/envelope";
import { fingerprintBinding } from "./fingerprint-binding";

type Reader = Pick<Context, "actor" | "vault" | "db" | "clock" | "requestId" | "address">;

/** A key never changes, so a process opens each once; never inside a transaction, which could take it back. */
const keys = new Map<string, Buffer>();
const MAX_KEYS = 1000;

/**
 * What tells that two repositories of the actor's organization share a token: an HMAC-SHA256 of host and secret under a
 * key of the organization's own. Worth nothing without that key, which is sealed. Null, for not known, where the key does
 * not open, which is recorded.
 */
export async function fingerprintOf(ctx: Reader, host: string, secret: string): Promise<Buffer<ArrayBuffer> | null> {
  const key = await organizationKey(ctx);
  if (!key) return null;
  const digest = createHmac("sha256", key)
    .update(JSON.stringify(["latchkey.fingerprint.v1", host, secret]))
    .digest();
  return Buffer.from(digest);
}

async function organizationKey(ctx: Reader): Promise<Buffer | undefined> {
  const { organizationId } = ctx.actor;
  const known = keys.get(organizationId);
  if (known) return known;
  const row = (await readKey(ctx)) ?? (await makeKey(ctx));
  try {
    const key = Buffer.from(
      openSealed(ctx.vault.keyRing, fingerprintBinding(organizationId), row).toString("latin1"),
      "hex",
    );
    if (keys.size >= MAX_KEYS) keys.clear();
    keys.set(organizationId, key);
    return key;
  } catch {
    const { organizationSlug: slug } = ctx.actor;
    const action = "organization.fingerprint_key_unreadable";
    await ctx.db.$transaction((tx) => recordAudit(tx, ctx, { action, targetId: organizationId, details: { slug } }));
    return undefined;
  }
}

async function readKey({ db, actor }: Reader) {
  return db.fingerprintKey.findUnique({
    where: { organizationId: actor.organizationId },
    select: { masterKeyId: true, sealed: true },
  });
}

/** Two that make one at once get the one that was first. */
async function makeKey(ctx: Reader) {
  const { organizationId } = ctx.actor;
  const { masterKeyId, sealed } = ctx.vault.sealText(
    fingerprintBinding(organizationId),
    randomBytes(32).toString("hex"),
  );
  await ctx.db.$executeRaw(sql`
    INSERT INTO fingerprint_key (organization_id, master_key_id, sealed)
    VALUES (${organizationId}, ${masterKeyId}, ${sealed}) ON CONFLICT DO NOTHING`);
  return (await readKey(ctx))!;
}
