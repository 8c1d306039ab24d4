import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Context } from "../context";
import { enqueuePulls } from "./enqueue-pull";

const AT_ONCE = 500;

/**
 * Puts the repositories whose turn has come into the queue. Their next turn is moved on with it, so that instances that
 * do this at the same minute share them (SKIP LOCKED) and a pull that takes long is not asked for twice. Organizations
 * take turns: the first repository of each goes before the second of any, so a large one does not hold up the others.
 */
export async function schedulePulls(ctx: Pick<Context, "db" | "clock">): Promise<number> {
  return ctx.db.$transaction(async (tx) => {
    const due = await tx.$queryRaw<{ id: string; organization_id: string }[]>(sql`
      UPDATE repository SET next_pull_at = ${ctx.clock()}::timestamptz + pull_every_minutes * interval '1 minute'
      WHERE id IN (
        SELECT r.id FROM repository r JOIN upstream u ON u.repository_id = r.id
        WHERE r.next_pull_at <= ${ctx.clock()}::timestamptz AND r.deleted_at IS NULL AND r.paused_at IS NULL
          AND r.pull_every_minutes > 0
        ORDER BY r.next_pull_at LIMIT ${AT_ONCE} FOR UPDATE OF r SKIP LOCKED
      )
      RETURNING id, organization_id`);
    const turns = new Map<string, number>();
    const jobs = due.map(({ id, organization_id: organization }) => {
      const turn = (turns.get(organization) ?? 0) + 1;
      turns.set(organization, turn);
      return { organizationId: organization, job: { repositoryId: id, ref: null, requestedBy: "schedule" }, turn };
    });
    await enqueuePulls(tx, jobs);
    return due.length;
  });
}
