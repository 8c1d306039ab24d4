import type { DeliveryReason } from "@/lib/contract/webhooks";
import type { Context } from "../context";
import { holdSecret } from "../credentials/secrets-in-use";
import { withDeadline } from "../upstream/deadline";
import { UpstreamUnreachable } from "../upstream/upstream-client";
import { signDelivery } from "./sign-delivery";

export const DEADLINE_MS = 10_000;

/** What one attempt met: an answer's status, or why there was none. */
export interface Attempt {
  status: number | null;
  reason: DeliveryReason | null;
}

interface Sent {
  id: string;
  event: string;
  payload: string;
}

const HEADERS = { "content-type": "application/json", "user-agent": "latchkey-webhooks" };

/** Posts a delivery with its signature, made for this attempt. */
export function sendSigned(
  ctx: Pick<Context, "upstream" | "clock">,
  address: string,
  { delivery, secret, signal }: { delivery: Sent; secret: Buffer; signal: AbortSignal },
): Promise<Attempt> {
  const { id, event, payload } = delivery;
  const headers = {
    ...HEADERS,
    "x-pierre-event": event,
    "x-pierre-signature": signDelivery(secret, payload, ctx.clock()),
    "x-latchkey-delivery": id,
  };
  return send(ctx, address, { body: payload, headers, signal });
}

/** Nothing says whom it is from but the address, which is kept out of every line meanwhile. */
export async function sendToSlack(
  ctx: Pick<Context, "upstream">,
  address: string,
  request: { body: string; signal: AbortSignal },
): Promise<Attempt> {
  const letGo = holdSecret(address);
  const letGoOfPath = holdSecret(new URL(address).pathname);
  try {
    return await send(ctx, address, { ...request, headers: HEADERS });
  } finally {
    letGo();
    letGoOfPath();
  }
}

async function send(
  { upstream }: Pick<Context, "upstream">,
  address: string,
  { signal: caller, ...request }: { body: string; headers: Record<string, string>; signal: AbortSignal },
): Promise<Attempt> {
  const { host, pathname, search } = new URL(address);
  const connection = upstream.connect(host);
  try {
    const status = await withDeadline(DEADLINE_MS, caller, async (signal) => {
      const options = { method: "POST", path: `${pathname}${search}`, signal, ...request } as const;
      const { status } = await connection.open({ ...options, body: Buffer.from(request.body) });
      return status;
    });
    return { status, reason: null };
  } catch (error) {
    if (!(error instanceof UpstreamUnreachable)) throw error;
    return { status: null, reason: error.reason };
  } finally {
    connection.close();
  }
}
