import { z } from "zod";
import { RENEWING_SCOPES } from "@/lib/contract/renewals";
import { holdSecret } from "../credentials/secrets-in-use";
import { withDeadline } from "./deadline";
import { endOfToken, SELF, tokenAuthorization, tokenDescription } from "./gitlab-token";
import { UpstreamUnreachable, type UpstreamClient, type UpstreamConnection } from "./upstream-client";

export interface RenewedToken {
  token: string;
  expiresAt: Date;
}

/**
 * What a host made of it. "unknown" is for an answer that did not come or cannot be read: it may have renewed the token.
 * "not asked" is for a stop that came before the wish was sent.
 */
export type RenewalAnswer =
  | ({ outcome: "renewed"; release: () => void } & RenewedToken)
  | { outcome: "refused" | "rejected" | "unreachable" | "unknown" | "not asked" };

/** For both questions together. */
export const RENEWAL_MS = 25_000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** GitLab lets no token live longer. */
const LONGEST_DAYS = 365;

const renewed = z.object({
  token: z
    .string()
    .max(4096)
    .regex(/^[\x21-\x7e]+$/),
  expires_at: z.iso.date(),
});

/**
 * Has GitLab put a new token in the place of this one, for as long a life as this one was given. GitLab ends this one
 * with its answer, shows the new one there and never again, and takes a second such wish with an ended token for a theft:
 * it then ends the new one too. So the token is asked about first, and nothing is asked twice. The caller's signal ends
 * the first question and not the second, whose answer is the only copy of the new token. Never throws for what a host
 * does. `release` lets go of the new token, which is kept out of the log until then.
 */
export async function renewToken(
  client: UpstreamClient,
  host: string,
  { token, now, signal: caller }: { token: string; now: Date; signal: AbortSignal },
): Promise<RenewalAnswer> {
  const authorization = tokenAuthorization(token);
  if (authorization === null) return { outcome: "refused" };
  const connection = client.connect(host);
  try {
    return await withDeadline(RENEWAL_MS, undefined, async (signal) => {
      const life = await withDeadline(RENEWAL_MS, caller, (either) =>
        lifeOf(connection, { authorization, signal: either }),
      );
      if (caller.aborted) return { outcome: "not asked" };
      if ("outcome" in life) return life;
      const expiresOn = new Date(now.getTime() + life.days * DAY_MS).toISOString().slice(0, 10);
      return await ask(connection, { authorization, signal, expiresOn });
    });
  } finally {
    connection.close();
  }
}

interface Sent {
  authorization: string;
  signal: AbortSignal;
}

/** Whether a host still takes a token; asking does it no harm. */
export async function tokenLives(
  client: UpstreamClient,
  host: string,
  { token, signal: caller }: { token: string; signal: AbortSignal },
): Promise<"yes" | "no" | "unreachable"> {
  const authorization = tokenAuthorization(token);
  if (authorization === null) return "no";
  const connection = client.connect(host);
  try {
    const life = await withDeadline(RENEWAL_MS, caller, (signal) => lifeOf(connection, { authorization, signal }));
    if (!("outcome" in life) || life.outcome === "refused") return "yes";
    return life.outcome === "rejected" ? "no" : "unreachable";
  } finally {
    connection.close();
  }
}

/** For how many days the token was made; or why it cannot be renewed. */
async function lifeOf(
  connection: UpstreamConnection,
  sent: Sent,
): Promise<{ days: number } | { outcome: "refused" | "rejected" | "unreachable" }> {
  try {
    const { status, body } = await connection.get({ path: SELF, ...sent });
    if (status === 401) return { outcome: "rejected" };
    if (status !== 200) return { outcome: status === 403 || status === 404 ? "refused" : "unreachable" };
    const { created_at: made, expires_at: ends, scopes } = tokenDescription.parse(JSON.parse(body.toString("utf8")));
    if (!made || !ends || !RENEWING_SCOPES.some((scope) => scopes.includes(scope))) return { outcome: "refused" };
    const madeOn = new Date(made).toISOString().slice(0, 10);
    const days = Math.round((endOfToken(ends).getTime() - endOfToken(madeOn).getTime()) / DAY_MS);
    return { days: Math.min(Math.max(days, 1), LONGEST_DAYS) };
  } catch {
    return { outcome: "unreachable" };
  }
}

async function ask(
  connection: UpstreamConnection,
  { expiresOn, ...sent }: Sent & { expiresOn: string },
): Promise<RenewalAnswer> {
  try {
    const path = `${SELF}/rotate`;
    const { status, body } = await connection.post({ path, json: { expires_at: expiresOn }, ...sent });
    if (status === 401) return { outcome: "rejected" };
    if (status >= 300 && status < 500) return { outcome: "refused" };
    if (status >= 500) return { outcome: "unknown" };
    const { token, expires_at: ends } = renewed.parse(JSON.parse(body.toString("utf8")));
    return { outcome: "renewed", token, expiresAt: endOfToken(ends), release: holdSecret(token) };
  } catch (error) {
    if (error instanceof UpstreamUnreachable || error instanceof SyntaxError || error instanceof z.ZodError) {
      return { outcome: "unknown" };
    }
    throw error;
  }
}
