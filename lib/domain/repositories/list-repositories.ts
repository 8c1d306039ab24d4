import type { RepositoryState } from "@/lib/contract/repositories-page";
import type { Prisma } from "@/lib/platform/prisma-client/client";
import type { Provider } from "@/lib/platform/prisma-client/enums";
import { requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { boundRepository } from "./find-repository";
import { REPOSITORY_SELECT, toRepositoryView, type RepositoryView } from "./repository-view";

export type RepositorySort = "name" | "-name" | "created" | "-created" | "expires" | "-expires";

export interface RepositoryPageInput {
  q?: string;
  state: RepositoryState;
  provider?: Provider;
  sort: RepositorySort;
  /** From 1. */
  page: number;
  pageSize: number;
}

const CREDENTIAL_WHERE: Record<RepositoryState, Prisma.RepositoryWhereInput> = {
  all: {},
  with: { credential: { isNot: null } },
  without: { credential: { is: null }, upstream: { isNot: null } },
  no_upstream: { upstream: { is: null } },
  works: { credential: { testOutcome: { in: ["reads_and_writes", "reads_only"] }, unreadableAt: null } },
  refused: { credential: { testOutcome: { in: ["rejected", "no_access", "scope_too_small", "not_git"] } } },
  unreachable: { credential: { testOutcome: "unreachable" } },
  unproven: { credential: { testOutcome: { in: ["public_unproven", "takes_no_credential"] } } },
  not_tested: { credential: { is: { testOutcome: null } } },
};

const ORDER: Record<RepositorySort, Prisma.RepositoryOrderByWithRelationInput[]> = {
  name: [{ liveName: "asc" }],
  "-name": [{ liveName: "desc" }],
  created: [{ createdAt: "asc" }, { id: "asc" }],
  "-created": [{ createdAt: "desc" }, { id: "desc" }],
  // What has no known end comes last either way.
  expires: [{ credential: { expiresAt: { sort: "asc", nulls: "last" } } }, { id: "asc" }],
  "-expires": [{ credential: { expiresAt: { sort: "desc", nulls: "last" } } }, { id: "desc" }],
};

/** One numbered page of the organization's repositories, and how many match in all. */
export async function listRepositoryViews(
  ctx: Context,
  input: RepositoryPageInput,
): Promise<{ rows: RepositoryView[]; total: number }> {
  requirePermission(ctx.actor, "repository:list");
  const where: Prisma.RepositoryWhereInput = {
    AND: [
      livingRepositories(ctx, input.q),
      CREDENTIAL_WHERE[input.state],
      input.provider ? { upstream: { is: { provider: input.provider } } } : {},
    ],
  };
  const [total, rows] = await Promise.all([
    ctx.db.repository.count({ where }),
    ctx.db.repository.findMany({
      where,
      orderBy: ORDER[input.sort],
      skip: (input.page - 1) * input.pageSize,
      take: input.pageSize,
      select: REPOSITORY_SELECT,
    }),
  ]);
  return { rows: rows.map(toRepositoryView), total };
}

/**
 * The next `limit` repositories after the cursor, newest first. The cursor is opaque to callers; one that is not ours
 * is `invalid_request`.
 */
export async function listRepositoriesAfter(
  ctx: Context,
  input: { cursor?: string; limit: number; q?: string },
): Promise<{ rows: RepositoryView[]; nextCursor: string | null }> {
  requirePermission(ctx.actor, "repository:list");
  const after = input.cursor === undefined ? undefined : parseCursor(input.cursor);
  const rows = await ctx.db.repository.findMany({
    where: {
      AND: [
        livingRepositories(ctx, input.q),
        after
          ? { OR: [{ createdAt: { lt: after.createdAt } }, { createdAt: after.createdAt, id: { lt: after.id } }] }
          : {},
      ],
    },
    orderBy: ORDER["-created"],
    take: input.limit + 1,
    select: REPOSITORY_SELECT,
  });
  const page = rows.slice(0, input.limit);
  const last = page.at(-1);
  const more = rows.length > input.limit && last !== undefined;
  return { rows: page.map(toRepositoryView), nextCursor: more ? `${last.createdAt.getTime()}.${last.id}` : null };
}

function livingRepositories(ctx: Context, q: string | undefined): Prisma.RepositoryWhereInput {
  const bound = boundRepository(ctx.actor);
  return {
    organizationId: ctx.actor.organizationId,
    deletedAt: null,
    ...(q ? { name: { contains: q.replace(/[\\%_]/g, "\\$&"), mode: "insensitive" } } : {}),
    ...(bound === undefined ? {} : { OR: [{ id: bound }, { liveName: bound }] }),
  };
}

function parseCursor(cursor: string): { createdAt: Date; id: string } {
  const match = /^(\d{1,15})\.(repo_[0-9a-f]{24})$/.exec(cursor);
  if (!match) throw new DomainError("invalid_request", "This cursor is not one of ours. Start again without it.");
  return { createdAt: new Date(Number(match[1])), id: match[2]! };
}
