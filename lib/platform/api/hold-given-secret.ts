import { holdSecret } from "@/lib/domain/credentials/secrets-in-use";

/** Where a body has a secret: a credential's, and a webhook's. */
const PLACES = ["password", "secret"] as const;

/** Whatever else is wrong with a body, what it has in a secret's place is one until the request's line is written. */
export function holdGivenSecret(body: unknown): () => void {
  const given = (body ?? {}) as { password?: unknown; secret?: unknown; username?: unknown };
  const username = typeof given.username === "string" ? given.username : null;
  const releases = PLACES.map((place) => given[place])
    .filter((value) => typeof value === "string")
    .map((value) => holdSecret(value, username));
  return () => releases.forEach((release) => release());
}
