import "server-only";
import { decode, encode } from "next-auth/jwt";
import { cookies } from "next/headers";
import { database } from "@/lib/platform/database/client";
import { authSecret } from "@/lib/platform/env";
import { hostCookie } from "./host-cookie";

const HALF_YEAR_SECONDS = 180 * 24 * 60 * 60;
/** Another purpose, another key: a session's cookie is none of these, and the other way round. */
const SALT = "latchkey.known-browser";

/**
 * A name for this browser where somebody has proved the password of this account in it before, as it is now; else undefined.
 * A change of password or second factor makes every browser a stranger but the one that it was made in.
 */
export async function knownBrowser(email: string): Promise<string | undefined> {
  const token = (await cookies()).get(hostCookie("known-browser").name)?.value;
  if (!token) return undefined;
  // What is expired, forged or of another secret is no name.
  const claims = await decode({ token, secret: authSecret(), salt: SALT }).catch(() => null);
  if (claims?.email !== email || typeof claims.jti !== "string" || typeof claims.epoch !== "number") return undefined;
  const user = await database().user.findUnique({ where: { email }, select: { epoch: true } });
  return user?.epoch === claims.epoch ? claims.jti : undefined;
}

/** Remembers that the account's password was proved in this browser. It opens nothing: it only takes its own turns. */
export async function rememberBrowser({ email, epoch }: { email: string; epoch: number }): Promise<void> {
  if (await knownBrowser(email)) return;
  const token = await encode({ token: { email, epoch }, secret: authSecret(), maxAge: HALF_YEAR_SECONDS, salt: SALT });
  const { name, options } = hostCookie("known-browser");
  (await cookies()).set(name, token, { ...options, maxAge: HALF_YEAR_SECONDS });
}
