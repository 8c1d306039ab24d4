import { expect, it } from "vitest";
import { secretAdvice } from "./secret-advice";

it.each([
  ["gitlab", "ghp_abc", "wrong"],
  ["gitlab", "github_pat_abc", "wrong"],
  ["bitbucket", "glpat-abc", "wrong"],
  ["bitbucket", "ATBBabc", "wrong"],
  ["gitlab", "ATATT3x", "wrong"],
  ["gitlab", "glrt-abc", "wrong"],
  ["codeberg", "-----BEGIN OPENSSH PRIVATE KEY-----", "wrong"],
  ["gitlab", "gldt-abc", "note"],
] as const)("on %s, %s is %s", (provider, secret, kind) => expect(secretAdvice(provider, secret)?.kind).toBe(kind));

it.each([
  ["gitlab", "glpat-abc"],
  ["bitbucket", "ATATT3x"],
  ["bitbucket", "ATCTT3x"],
  ["gitea", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"],
  ["forgejo", "hunter2"],
  ["gitlab", ""],
] as const)("on %s, %s needs no word", (provider, secret) => expect(secretAdvice(provider, secret)).toBeNull());
