import { createHmac } from "node:crypto";

/**
 * The signature header's value for this body, sent now: `t=<unix seconds>,sha256=<hex>`, the HMAC-SHA256 of `t.body`.
 * Receivers refuse one of another time, so every attempt has its own.
 */
export function signDelivery(secret: Buffer, body: string, now: Date): string {
  const time = Math.floor(now.getTime() / 1000);
  const digest = createHmac("sha256", secret).update(`${time}.${body}`).digest("hex");
  return `t=${time},sha256=${digest}`;
}
