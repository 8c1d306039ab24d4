import type { Context } from "../context";
import { mirrorFolder, removeMirror } from "../upstream/mirror";

/** How far the clocks of instances may be apart, and how long a pull may still write that ran into the deletion. */
const MARGIN_MS = 20 * 60_000;
const AT_ONCE = 1000;

/**
 * Removes the mirrors here of repositories that were deleted, since then or at any time: the job that does so at once runs
 * on one instance, and each has mirrors of its own.
 */
export async function removeDeletedMirrors(
  { db }: Pick<Context, "db">,
  { mirrors, since }: { mirrors: string; since: Date | null },
): Promise<void> {
  const deletedAt = since ? { gt: new Date(since.getTime() - MARGIN_MS) } : { not: null };
  let last = "";
  for (;;) {
    const deleted = await db.repository.findMany({
      where: { deletedAt, id: { gt: last } },
      orderBy: { id: "asc" },
      take: AT_ONCE,
      select: { id: true },
    });
    for (const { id } of deleted) await removeMirror(mirrorFolder(mirrors, id));
    if (deleted.length < AT_ONCE) return;
    last = deleted.at(-1)!.id;
  }
}
