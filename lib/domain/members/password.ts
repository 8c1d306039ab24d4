import { hash, verify } from "@node-rs/argon2";
import type { Context } from "../context";
import { DomainError } from "../errors";

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
): Promise<void> {
  const user = await ctx.db.user.findUnique({ where: { id: input.userId }, select: { passwordHash: true } });
  if (await passwordMatches(user?.passwordHash, input.current)) return;
  const message = "This is not your current password.";
  throw new DomainError("invalid_request", message, { fields: { current: message } });
}
