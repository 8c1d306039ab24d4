import type { Context, Transaction } from "../context";
import type { ProbedUpstream } from "./probe";

/** Keeps where the host's own redirects led, so that the next test or pull begins there; unless the upstream changed. */
export async function keepCanonicalPath(
  db: Context["db"] | Transaction,
  repositoryId: string,
  { host, owner, name, canonicalPath: known }: ProbedUpstream,
  canonicalPath: string | null,
): Promise<void> {
  if (canonicalPath === null || canonicalPath === known) return;
  await db.upstream.updateMany({ where: { repositoryId, host, owner, name }, data: { canonicalPath } });
}
