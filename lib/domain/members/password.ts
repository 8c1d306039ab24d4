import { hash, verify } from "@node-rs/argon2";
import type { Context } from "../context";
import { DomainError } from "../errors";
import type { Proved } from "./lock-user";

/** An argon2id hash of a password, with the library's parameters. */
export function hashPassword(password: string): Promise<string> {
  return hash(password);
}

let decoy: Promise<string> | undefined;

/** Whether the password is the hashed one. Without a hash it takes as long, and is false: time tells nobody who exists. */
export async function passwordMatches(passwordHash: string | null | undefined, password: string): Promise<boolean> {
  decoy ??= hash("nobody's password");
  const matches = await verify(passwordHash ?? (await decoy), password);
  return matches && typeof passwordHash === "string";
}

/** The second look before one's own account changes. Throws `invalid_request` where this is not the user's password. */
export async function requireOwnPassword(
  ctx: Pick<Context, "db">,
  input: { userId: string; current: string },
): Promise<Proved> {
  const { userId, current } = input;
  const user = await ctx.db.user.findUnique({ where: { id: userId }, select: { passwordHash: true, epoch: true } });
  if (user && (await passwordMatches(user.passwordHash, current))) return { userId, epoch: user.epoch };
  const message = "This is not your current password.";
  throw new DomainError("invalid_request", message, { fields: { current: message } });
}
