import { sqltag as sql } from "@prisma/client/runtime/client";
import { auditCall } from "../audit/record-audit";
import type { Context } from "../context";

/**
 * Forgets the refusals that an earlier secret met, and lets pulling go on where they paused it. A statement of its own:
 * locking the repository's row together with the credential's would cross with a deletion.
 */
export async function resumePulls(ctx: Context, { id, name }: { id: string; name: string }): Promise<void> {
  const audit = auditCall(ctx, { action: "repository.pulls_resumed", targetId: id, details: { name } });
  await ctx.db.$queryRaw(sql`
    WITH before AS (
      SELECT id, paused_at FROM repository WHERE id = ${id} FOR NO KEY UPDATE
    ), resumed AS (
      UPDATE repository SET refusals = 0, paused_at = NULL FROM before WHERE repository.id = before.id
      RETURNING before.paused_at
    )
    SELECT ${audit} AS seq FROM resumed WHERE paused_at IS NOT NULL`);
}
