import { createHmac } from "node:crypto";
import type { Context } from "../context";
import { openSealed, type SealedSecret } from "../vault/envelope";
import { webhookBinding } from "./webhook-binding";

/**
 * The signature header's value for this body, sent now: `t=<unix seconds>,sha256=<hex>`, the HMAC-SHA256 of `t.body`.
 * Receivers refuse one of another time, so every attempt has its own. Null where the secret does not open.
 */
export function signDelivery(
  { vault, clock }: Pick<Context, "vault" | "clock">,
  webhook: SealedSecret & { organizationId: string; id: string; url: string },
  body: string,
): string | null {
  let secret: Buffer;
  try {
    secret = openSealed(vault.keyRing, webhookBinding(webhook), webhook);
  } catch {
    return null;
  }
  const time = Math.floor(clock().getTime() / 1000);
  const digest = createHmac("sha256", secret).update(`${time}.${body}`).digest("hex");
  secret.fill(0);
  return `t=${time},sha256=${digest}`;
}
