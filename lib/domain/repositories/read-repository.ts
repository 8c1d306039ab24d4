import { requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { findRepository } from "./find-repository";
import { REPOSITORY_SELECT, toRepositoryView, type RepositoryView } from "./repository-view";

/** One repository by its id or name. Throws as `findRepository` does. */
export async function readRepositoryView(ctx: Context, nameOrId: string): Promise<RepositoryView> {
  requirePermission(ctx.actor, "repository:read");
  const { id } = await findRepository(ctx, nameOrId);
  const row = await ctx.db.repository.findFirst({
    where: { id, organizationId: ctx.actor.organizationId, deletedAt: null },
    select: REPOSITORY_SELECT,
  });
  if (!row) throw new DomainError("not_found", "There is no such repository in this organization.");
  return toRepositoryView(row);
}
