import type { Context } from "../context";
import type { ProbedUpstream, TestResult } from "../upstream/probe";

/** Keeps where the host's own redirects led, so that the next test or pull begins there; unless the upstream changed. */
export async function keepCanonicalPath(
  ctx: Context,
  repositoryId: string,
  { host, owner, name, canonicalPath: known }: ProbedUpstream,
  result: TestResult | null,
): Promise<void> {
  if (!result?.canonicalPath || result.canonicalPath === known) return;
  await ctx.db.upstream.updateMany({
    where: { repositoryId, host, owner, name },
    data: { canonicalPath: result.canonicalPath },
  });
}
