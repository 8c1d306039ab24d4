import { REPOSITORY_ID } from "@/lib/contract/repositories";
import { recordAudit } from "../audit/record-audit";
import { DEFAULT_PULL_MINUTES, nextPull } from "../sync/next-pull";
import { requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { newId } from "../new-id";
import type { UpstreamAddress } from "../upstream/remote-url";
import { boundRepository } from "./find-repository";

export interface CreateRepositoryInput {
  name: string;
  defaultBranch: string;
  upstream: UpstreamAddress | null;
}

/**
 * Creates a repository, with or without an upstream. Throws `repository_exists` where the name is taken, and
 * `invalid_request` where the upstream's host is an address that connections may not reach.
 */
export async function createRepository(
  ctx: Context,
  input: CreateRepositoryInput,
): Promise<{ id: string; name: string }> {
  requirePermission(ctx.actor, "repository:write");
  const bound = boundRepository(ctx.actor);
  if (bound !== undefined && bound !== input.name) {
    throw new DomainError("wrong_repository", "This token is bound to another repository.");
  }
  if (REPOSITORY_ID.test(input.name) || input.name.toLowerCase() === "org") {
    throw new DomainError("invalid_request", "This name is reserved.", { fields: { name: "This name is reserved." } });
  }
  if (input.upstream && ctx.egress.deniesLiteral(input.upstream.host)) {
    const message =
      "This upstream host is a local or private address, which Latchkey may not reach. An operator can allow it with LATCHKEY_EGRESS_ALLOW.";
    throw new DomainError("invalid_request", message, { fields: { host: message } });
  }
  const id = newId("repo");
  const { upstream, name, defaultBranch } = input;
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.repository.createMany({
      data: {
        id,
        organizationId: ctx.actor.organizationId,
        name,
        liveName: name,
        defaultBranch,
        createdAt: ctx.clock(),
        nextPullAt: upstream ? nextPull(ctx.clock(), DEFAULT_PULL_MINUTES) : null,
      },
      skipDuplicates: true,
    });
    if (count === 0) throw new DomainError("repository_exists", `A repository called "${name}" already exists.`);
    if (upstream) await tx.upstream.create({ data: { repositoryId: id, ...upstream } });
    await recordAudit(tx, ctx, {
      action: "repository.created",
      targetId: id,
      details: { name, provider: upstream?.provider ?? null, host: upstream?.host ?? null },
    });
  });
  return { id, name };
}
