import type { z } from "zod";
import type { ErrorCode } from "./errors";
import type { Scope } from "./scopes";
import {
  createCredentialBody,
  credentialList,
  credentialObject,
  credentialReceipt,
  credentialSecretBody,
  credentialTested,
  removeCredentialBody,
  rotateCredentialBody,
  testFirstQuery,
} from "./credentials";
import {
  createRepositoryBody,
  listRepositoriesQuery,
  repositoryCreated,
  repositoryDeleted,
  repositoryList,
  repositoryObject,
} from "./repositories";
import { rotateMatchingBody, rotationAccepted, rotationObject, rotationQuery } from "./rotations";
import { pullAccepted, pullBody, repositoryDetached } from "./sync-runs";
import { createWebhookBody, removeWebhookBody, webhookList, webhookObject } from "./webhooks";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** One endpoint of the bearer API, declared once: its route enforces it and the OpenAPI document is made from it. */
export interface Operation {
  method: Method;
  /** `{name}` stands for one encoded segment. */
  path: string;
  tag: "Credentials" | "Repositories" | "Webhooks";
  summary: string;
  scope: Scope;
  query?: z.ZodType;
  body?: z.ZodType;
  status: 200 | 201 | 202 | 204;
  /** Whether `If-Match` may name the version of a credential that must be the current one. */
  ifMatch?: true;
  /** Null for an answer without a body. */
  output: z.ZodType | null;
  /** Refusals besides those that every operation has. */
  errors: readonly ErrorCode[];
}

const credentialErrors = ["wrong_repository", "not_found"] as const;

export const operations = {
  createCredential: {
    method: "POST",
    path: "/api/v1/repos/git-credentials",
    tag: "Credentials",
    summary: "Create a credential",
    scope: "repo:write",
    query: testFirstQuery,
    body: createCredentialBody,
    status: 201,
    output: credentialReceipt,
    errors: [...credentialErrors, "no_upstream", "credential_exists", "credential_refused", "queue_full"],
  },
  rotateCredential: {
    method: "PUT",
    path: "/api/v1/repos/git-credentials",
    tag: "Credentials",
    summary: "Rotate a credential",
    scope: "repo:write",
    query: testFirstQuery,
    body: rotateCredentialBody,
    ifMatch: true,
    status: 200,
    output: credentialReceipt,
    errors: ["not_found", "version_mismatch", "credential_unreadable", "credential_refused", "queue_full"],
  },
  removeCredential: {
    method: "DELETE",
    path: "/api/v1/repos/git-credentials",
    tag: "Credentials",
    summary: "Remove a credential",
    scope: "repo:write",
    body: removeCredentialBody,
    status: 204,
    output: null,
    errors: ["not_found"],
  },
  createRepositoryCredential: {
    method: "POST",
    path: "/api/repos/{repo_name}/git-credentials",
    tag: "Credentials",
    summary: "Create the repository's credential",
    scope: "repo:write",
    query: testFirstQuery,
    body: credentialSecretBody,
    status: 201,
    output: credentialReceipt,
    errors: [...credentialErrors, "no_upstream", "credential_exists", "credential_refused", "queue_full"],
  },
  listRepositoryCredentials: {
    method: "GET",
    path: "/api/repos/{repo_name}/git-credentials",
    tag: "Credentials",
    summary: "Read what is known of the repository's credential",
    scope: "git:read",
    status: 200,
    output: credentialList,
    errors: credentialErrors,
  },
  readRepositoryCredential: {
    method: "GET",
    path: "/api/repos/{repo_name}/git-credentials/{id}",
    tag: "Credentials",
    summary: "Read what is known of one credential",
    scope: "git:read",
    status: 200,
    output: credentialObject,
    errors: credentialErrors,
  },
  rotateRepositoryCredential: {
    method: "PUT",
    path: "/api/repos/{repo_name}/git-credentials/{id}",
    tag: "Credentials",
    summary: "Rotate the repository's credential",
    scope: "repo:write",
    query: testFirstQuery,
    body: credentialSecretBody,
    ifMatch: true,
    status: 200,
    output: credentialReceipt,
    errors: [...credentialErrors, "version_mismatch", "credential_unreadable", "credential_refused", "queue_full"],
  },
  testRepositoryCredential: {
    method: "POST",
    path: "/api/repos/{repo_name}/git-credentials/{id}/test",
    tag: "Credentials",
    summary: "Test the stored credential against its upstream",
    scope: "repo:write",
    status: 200,
    output: credentialTested,
    errors: [...credentialErrors, "credential_unreadable", "queue_full"],
  },
  rollBackRepositoryCredential: {
    method: "POST",
    path: "/api/repos/{repo_name}/git-credentials/{id}/rollback",
    tag: "Credentials",
    summary: "Go back to the secret before the current one",
    scope: "repo:write",
    ifMatch: true,
    status: 200,
    output: credentialReceipt,
    errors: [
      ...credentialErrors,
      "no_previous",
      "version_mismatch",
      "credential_unreadable",
      "credential_refused",
      "queue_full",
    ],
  },
  removeRepositoryCredential: {
    method: "DELETE",
    path: "/api/repos/{repo_name}/git-credentials/{id}",
    tag: "Credentials",
    summary: "Remove the repository's credential",
    scope: "repo:write",
    status: 204,
    output: null,
    errors: credentialErrors,
  },
  rotateMatching: {
    method: "POST",
    path: "/api/v1/git-credentials/rotate-matching",
    tag: "Credentials",
    summary: "Rotate every credential that shares this one's token",
    scope: "repo:write",
    body: rotateMatchingBody,
    status: 202,
    output: rotationAccepted,
    errors: ["wrong_repository", "not_found", "conflict", "queue_full"],
  },
  readRotation: {
    method: "GET",
    path: "/api/v1/git-credentials/rotate-matching/{rotation}",
    tag: "Credentials",
    summary: "Read how far such a rotation is",
    scope: "git:read",
    query: rotationQuery,
    status: 200,
    output: rotationObject,
    errors: ["wrong_repository", "not_found"],
  },
  createRepositoryV1: createRepository("/api/v1/repos"),
  createRepository: createRepository("/api/repos"),
  listRepositoriesV1: listRepositories("/api/v1/repos"),
  listRepositories: listRepositories("/api/repos"),
  readRepositoryV1: readRepository("/api/v1/repo", "Read the repository that the token names"),
  readRepository: readRepository("/api/repos/{repo_name}", "Read a repository"),
  deleteRepositoryV1: deleteRepository("/api/v1/repos/delete", "Delete the repository that the token names"),
  deleteRepository: deleteRepository("/api/repos/{repo_name}", "Delete a repository"),
  pullUpstreamV1: pullUpstream("/api/v1/repos/pull-upstream", "Pull the repository that the token names"),
  pullUpstream: pullUpstream("/api/repos/{repo_name}/pull-upstream", "Pull a repository from its upstream"),
  detachRepositoryV1: detachRepository("/api/v1/repos/base", "Detach the repository that the token names"),
  detachRepository: detachRepository("/api/repos/{repo_name}/base", "Detach a repository from its upstream"),
  listWebhooks: {
    method: "GET",
    path: "/api/v1/webhooks",
    tag: "Webhooks",
    summary: "List the organization's webhooks",
    scope: "org:read",
    status: 200,
    output: webhookList,
    errors: ["wrong_repository"],
  },
  createWebhook: {
    method: "POST",
    path: "/api/v1/webhooks",
    tag: "Webhooks",
    summary: "Have events delivered to an address",
    scope: "repo:write",
    body: createWebhookBody,
    status: 201,
    output: webhookObject,
    errors: ["wrong_repository", "conflict"],
  },
  removeWebhook: {
    method: "DELETE",
    path: "/api/v1/webhooks",
    tag: "Webhooks",
    summary: "Remove a webhook",
    scope: "repo:write",
    body: removeWebhookBody,
    status: 204,
    output: null,
    errors: ["wrong_repository", "not_found"],
  },
} as const satisfies Record<string, Operation>;

function createRepository<P extends string>(path: P) {
  return {
    method: "POST",
    path,
    tag: "Repositories",
    summary: "Create the repository that the token names",
    scope: "repo:write",
    body: createRepositoryBody,
    status: 201,
    output: repositoryCreated,
    errors: ["repository_exists", "github_app_required"],
  } as const;
}

function listRepositories<P extends string>(path: P) {
  return {
    method: "GET",
    path,
    tag: "Repositories",
    summary: "List repositories, newest first",
    scope: "org:read",
    query: listRepositoriesQuery,
    status: 200,
    output: repositoryList,
    errors: [],
  } as const;
}

function readRepository<P extends string>(path: P, summary: string) {
  return {
    method: "GET",
    path,
    tag: "Repositories",
    summary,
    scope: "git:read",
    status: 200,
    output: repositoryObject,
    errors: ["wrong_repository", "not_found"],
  } as const;
}

function deleteRepository<P extends string>(path: P, summary: string) {
  return {
    method: "DELETE",
    path,
    tag: "Repositories",
    summary,
    scope: "repo:write",
    status: 200,
    output: repositoryDeleted,
    errors: ["wrong_repository", "not_found", "repository_deleted"],
  } as const;
}

function pullUpstream<P extends string>(path: P, summary: string) {
  return {
    method: "POST",
    path,
    tag: "Repositories",
    summary,
    scope: "git:write",
    body: pullBody,
    status: 202,
    output: pullAccepted,
    errors: ["wrong_repository", "not_found", "no_upstream", "queue_full"],
  } as const;
}

function detachRepository<P extends string>(path: P, summary: string) {
  return {
    method: "DELETE",
    path,
    tag: "Repositories",
    summary,
    scope: "git:write",
    status: 200,
    output: repositoryDetached,
    errors: ["wrong_repository", "not_found"],
  } as const;
}
