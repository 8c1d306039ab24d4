import type { z } from "zod";
import type { Operation } from "@/lib/contract/operations";
import { DEFAULT_HOSTS } from "@/lib/contract/providers";
import {
  LISTED_UNLESS_ASKED,
  repositoryName,
  type createRepositoryBody,
  type listRepositoriesQuery,
} from "@/lib/contract/repositories";
import type { TokenActor } from "@/lib/domain/access/actor";
import type { Context } from "@/lib/domain/context";
import { DomainError } from "@/lib/domain/errors";
import { createRepository } from "@/lib/domain/repositories/create-repository";
import type { pullBody } from "@/lib/contract/sync-runs";
import { detachRepository } from "@/lib/domain/repositories/detach-repository";
import { requestPull } from "@/lib/domain/sync/request-pull";
import { deleteRepository } from "@/lib/domain/repositories/delete-repository";
import { listRepositoriesAfter } from "@/lib/domain/repositories/list-repositories";
import { providerFromWire } from "@/lib/domain/repositories/provider-names";
import { readRepositoryView } from "@/lib/domain/repositories/read-repository";
import type { UpstreamAddress } from "@/lib/domain/upstream/remote-url";
import { env } from "@/lib/platform/env";
import { endpoint, type Endpoint } from "./api-route";
import { repositoryToWire } from "./to-wire";

// The v1 and the resource family answer these alike and differ in their paths only, so each is written once here.

type CreateBody = z.output<typeof createRepositoryBody>;
type TokenContext = Context & { actor: TokenActor };

/** Create: the repository's name is the token's `repo` claim. */
export function createRepositoryEndpoint<O extends Operation & { body: typeof createRepositoryBody }>(
  operation: O,
): Endpoint {
  return endpoint<Operation & { body: typeof createRepositoryBody }>(operation, async (ctx, { body }) => {
    const parsed = repositoryName.safeParse(namedByToken(ctx));
    if (!parsed.success) throw new DomainError("invalid_request", parsed.error.issues[0]!.message);
    const { id, name } = await createRepository(ctx, {
      name: parsed.data,
      defaultBranch: body.base_repo?.default_branch ?? body.default_branch ?? "main",
      upstream: body.base_repo ? toUpstream(body.base_repo) : null,
    });
    const http_url = `${env().LATCHKEY_URL}/git/${ctx.actor.organizationSlug}/${name}.git`;
    return { repo_id: id, repo_name: name, http_url, message: "repository created" };
  });
}

export function listRepositoriesEndpoint<O extends Operation & { query: typeof listRepositoriesQuery }>(
  operation: O,
): Endpoint {
  return endpoint<Operation & { query: typeof listRepositoriesQuery }>(operation, async (ctx, { query }) => {
    const { rows, nextCursor } = await listRepositoriesAfter(ctx, {
      ...query,
      limit: query.limit ?? LISTED_UNLESS_ASKED,
    });
    return { repos: rows.map(repositoryToWire), next_cursor: nextCursor, has_more: nextCursor !== null };
  });
}

/** Read: by the path's name, or by the token's where the path has none. */
export function readRepositoryEndpoint(operation: Operation): Endpoint {
  return endpoint<Operation>(operation, async (ctx, { params }) =>
    repositoryToWire(await readRepositoryView(ctx, params.repo_name ?? namedByToken(ctx))),
  );
}

export function deleteRepositoryEndpoint(operation: Operation): Endpoint {
  return endpoint<Operation>(operation, async (ctx, { params }) => {
    const { id } = await deleteRepository(ctx, { repository: params.repo_name ?? namedByToken(ctx) });
    return { repo_id: id, message: "repository deleted" };
  });
}

export function pullUpstreamEndpoint<O extends Operation & { body: typeof pullBody }>(operation: O): Endpoint {
  return endpoint<Operation & { body: typeof pullBody }>(operation, async (ctx, { params, body }) => {
    await requestPull(ctx, { repository: params.repo_name ?? namedByToken(ctx), ref: body.ref });
    return { message: "Repository sync initiated successfully" };
  });
}

export function detachRepositoryEndpoint(operation: Operation): Endpoint {
  return endpoint<Operation>(operation, async (ctx, { params }) => {
    await detachRepository(ctx, { repository: params.repo_name ?? namedByToken(ctx) });
    return { message: "repository detached" };
  });
}

function namedByToken({ actor }: TokenContext): string {
  if (actor.repositoryClaim !== undefined && actor.repositoryClaim !== "org") return actor.repositoryClaim;
  throw new DomainError("invalid_request", "The token must name the repository in its repo claim.");
}

function toUpstream(base: NonNullable<CreateBody["base_repo"]>): UpstreamAddress {
  const { provider, owner, name } = base;
  if (provider === "code") {
    throw new DomainError(
      "invalid_request",
      "Forks of stored repositories are not offered here: Latchkey mirrors from Git hosts.",
    );
  }
  if (base.operation && base.operation !== "sync") {
    throw new DomainError("invalid_request", 'The only operation offered for a base repository is "sync".');
  }
  if (provider === "github" && base.auth?.auth_type !== "public") {
    throw new DomainError(
      "github_app_required",
      'GitHub repositories need a GitHub App, which Latchkey has not. Public ones work with auth_type "public".',
    );
  }
  const host = base.upstream_host ?? DEFAULT_HOSTS[provider];
  if (!host) throw new DomainError("invalid_request", `upstream_host is required for ${provider}.`);
  return { provider: providerFromWire(provider), host, owner, name };
}
