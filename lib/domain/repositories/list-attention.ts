import {
  ATTENTION_REASONS,
  COUNT_LIMIT,
  EXPIRING_DAYS,
  type AttentionCounts,
  type AttentionReason,
} from "@/lib/contract/attention";
import type { Prisma } from "@/lib/platform/prisma-client/client";
import { requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { REPOSITORY_SELECT, toRepositoryView, type RepositoryView } from "./repository-view";

const DAY_MS = 24 * 60 * 60 * 1000;

/** How much of the organization's repositories needs attention, and for what. */
export async function countAttention(ctx: Context): Promise<AttentionCounts> {
  requirePermission(ctx.actor, "repository:list");
  const count = (reason?: AttentionReason) =>
    ctx.db.repository.count({ where: needing(ctx, reason), take: COUNT_LIMIT });
  const [any, ...each] = await Promise.all([count(), ...ATTENTION_REASONS.map(count)]);
  const counts = Object.fromEntries(ATTENTION_REASONS.map((reason, index) => [reason, each[index]!]));
  return { ...(counts as Record<AttentionReason, number>), any };
}

/** Only how many need attention at all: what the sidebar shows on every page. */
export function countAnyAttention(ctx: Context): Promise<number> {
  requirePermission(ctx.actor, "repository:list");
  return ctx.db.repository.count({ where: needing(ctx), take: COUNT_LIMIT });
}

/** One numbered page of the repositories that need attention, by name. */
export async function listAttention(
  ctx: Context,
  input: { reason?: AttentionReason; page: number; pageSize: number },
): Promise<RepositoryView[]> {
  requirePermission(ctx.actor, "repository:list");
  const rows = await ctx.db.repository.findMany({
    where: needing(ctx, input.reason),
    orderBy: { liveName: "asc" },
    skip: (input.page - 1) * input.pageSize,
    take: input.pageSize,
    select: REPOSITORY_SELECT,
  });
  return rows.map(toRepositoryView);
}

function needing(ctx: Context, reason?: AttentionReason): Prisma.RepositoryWhereInput {
  const reasons = reasonsAt(ctx.clock());
  const wanted = reason ? [reasons[reason]] : Object.values(reasons);
  return { organizationId: ctx.actor.organizationId, deletedAt: null, OR: wanted };
}

function reasonsAt(now: Date): Record<AttentionReason, Prisma.RepositoryWhereInput> {
  const soon = new Date(now.getTime() + EXPIRING_DAYS * DAY_MS);
  return {
    unreadable: { credential: { unreadableAt: { not: null } } },
    refused: { credential: { testOutcome: { in: ["rejected", "no_access", "scope_too_small", "not_git"] } } },
    paused: { pausedAt: { not: null } },
    expiring: { credential: { expiresAt: { lte: soon } } },
    unreachable: { credential: { testOutcome: "unreachable" } },
    read_only: { expectsWrite: true, credential: { testOutcome: "reads_only" } },
    missing: { credential: { is: null }, upstream: { provider: { notIn: ["github", "srht"] } } },
    not_tested: { credential: { is: { testOutcome: null } } },
    not_usable: { credential: { testOutcome: "takes_no_credential" } },
  };
}
