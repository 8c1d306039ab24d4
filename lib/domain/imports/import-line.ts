import type { ImportItemState } from "@/lib/contract/imports";
import type { TestOutcome } from "@/lib/contract/test-outcome";
import type { Context } from "../context";
import { createCredential } from "../credentials/create-credential";
import { holdSecret } from "../credentials/secrets-in-use";
import { DomainError } from "../errors";
import { createRepository } from "../repositories/create-repository";
import { findRepository } from "../repositories/find-repository";
import type { PlannedLine } from "./plan-import";

export interface LineEnd {
  state: Extract<ImportItemState, "imported" | "there" | "without_credential" | "failed">;
  /** What the test of the credential found. */
  outcome: TestOutcome | null;
  code: string | null;
}

/**
 * Makes what a line asks for and is not there: the repository, and its credential after a test. A repository whose
 * credential the host refuses is kept without one. Done again, it changes nothing that is there.
 */
export async function importLine(
  ctx: Context,
  { repository, upstream, secret }: Pick<PlannedLine, "repository" | "upstream" | "secret">,
): Promise<LineEnd> {
  const release = secret ? holdSecret(secret.password, secret.username) : () => undefined;
  try {
    const { id: made, missing } = await findOrCreate(ctx, { name: repository, upstream });
    if (!secret) return { state: missing ? "imported" : "there", outcome: null, code: null };
    // By its id: another one may have the name by now.
    const wanted = { repository: made, host: upstream.host, ...secret, test: "required" } as const;
    const { id } = await createCredential(ctx, wanted);
    const stored = await ctx.db.gitCredential.findUnique({ where: { id }, select: { testOutcome: true } });
    return { state: "imported", outcome: stored?.testOutcome ?? null, code: null };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { code, details } = error;
    if (code === "credential_exists") return { state: "there", outcome: null, code: null };
    if (code === "credential_refused") return { state: "without_credential", outcome: details.outcome ?? null, code };
    return { state: "failed", outcome: null, code };
  } finally {
    release();
  }
}

/** Throws `repository_exists` where the name is another upstream's. Returns its id, and whether it was missing. */
async function findOrCreate(
  ctx: Context,
  { name, upstream }: { name: string; upstream: PlannedLine["upstream"] },
): Promise<{ id: string; missing: boolean }> {
  try {
    const { id } = await createRepository(ctx, { name, defaultBranch: "main", upstream });
    return { id, missing: true };
  } catch (error) {
    if (!(error instanceof DomainError && error.code === "repository_exists")) throw error;
    const { id, upstream: there } = await findRepository(ctx, name);
    const same = (["host", "owner", "name"] as const).every(
      (part) => there?.[part].toLowerCase() === upstream[part].toLowerCase(),
    );
    if (!same) throw error;
    return { id, missing: false };
  }
}
