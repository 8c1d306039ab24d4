import type { Context } from "../context";

/**
 * Forgets the refusals that an earlier secret met, and lets pulling go on where they paused it. A statement of its own:
 * locking the repository's row together with the credential's would cross with a deletion.
 */
export async function resumePulls(ctx: Pick<Context, "db">, repositoryId: string): Promise<void> {
  await ctx.db.repository.updateMany({ where: { id: repositoryId }, data: { refusals: 0, pausedAt: null } });
}
