import { hash, verify } from "@node-rs/argon2";

/** An argon2id hash of a password, with the library's parameters. */
export function hashPassword(password: string): Promise<string> {
  return hash(password);
}

let decoy: Promise<string> | undefined;

/** Whether the password is the hashed one. Without a hash it takes as long, and is false: time tells nobody who exists. */
export async function passwordMatches(passwordHash: string | undefined, password: string): Promise<boolean> {
  decoy ??= hash("nobody's password");
  const matches = await verify(passwordHash ?? (await decoy), password);
  return matches && passwordHash !== undefined;
}
