import { describe, expect, it } from "vitest";
import { createCredentialBody, rotateCredentialBody } from "./credentials";
import { organizationSlug } from "./members";
import { upstreamHost } from "./providers";
import { branchName, createRepositoryBody, listRepositoriesQuery, repositoryName } from "./repositories";

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success;

describe("a repository's name", () => {
  it.each(["app", "team/project-alpha", "a.b_c-D", "x".repeat(255), "org/app", "1"])("may be %s", (name) =>
    expect(accepts(repositoryName, name)).toBe(true),
  );
  it.each([
    "",
    "org",
    "ORG",
    "a//b",
    "/a",
    "a/",
    "a/../b",
    ".",
    "..",
    "a b",
    "ä",
    "x".repeat(256),
    "repo_" + "0".repeat(24),
    7,
    null,
  ])("may not be %s", (name) => expect(accepts(repositoryName, name)).toBe(false));
});

describe("a branch", () => {
  it.each(["main", "release/1.0", "feature-x_y"])("may be %s", (name) => expect(accepts(branchName, name)).toBe(true));
  it.each(["", "-x", "a..b", "a b", "a~b", "a:b", "a/.b", "x.lock", "/a", "a/", "a@{b", "a\\b", "a\u0007b", "a."])(
    "may not be %j",
    (name) => expect(accepts(branchName, name)).toBe(false),
  );
});

describe("an upstream host", () => {
  it("is lower-cased, and its own port is left out", () => {
    expect(upstreamHost.parse(" Git.Example.com:443 ")).toBe("git.example.com");
    expect(upstreamHost.parse("git.example.com:8443")).toBe("git.example.com:8443");
  });
  it.each([
    "https://x.example",
    "x.example/path",
    "user@x.example",
    "x.example:0",
    "x.example:70000",
    "",
    "a b",
    "x.example?y",
  ])("may not be %j", (host) => expect(accepts(upstreamHost, host)).toBe(false));
});

it("an organization's name is no page of ours", () => {
  for (const slug of ["api", "sign-in", "setup", "docs", "git", "invite", "reset", "account", "A", "a", "x_y", ""]) {
    expect(accepts(organizationSlug, slug), slug).toBe(false);
  }
  expect(accepts(organizationSlug, "acme-2")).toBe(true);
});

it("the provider sourcehut is sr.ht", () => {
  const parsed = createRepositoryBody.parse({ base_repo: { provider: "sourcehut", owner: "~a", name: "b" } });
  expect(parsed.base_repo?.provider).toBe("sr.ht");
});

it("a list's limit is a whole number from 1 to 100", () => {
  expect(listRepositoriesQuery.parse({ limit: "100" }).limit).toBe(100);
  for (const limit of ["0", "101", "1.5", "-1", "x", ""])
    expect(accepts(listRepositoriesQuery, { limit }), limit).toBe(false);
});

it("absent, null and empty usernames are told apart where it matters", () => {
  expect(createCredentialBody.parse({ repo_id: "r", password: "p", username: null }).username).toBeNull();
  expect("username" in rotateCredentialBody.parse({ id: "i", password: "p" })).toBe(false);
  expect(rotateCredentialBody.parse({ id: "i", password: "p", username: "" }).username).toBe("");
});

it.each(["[:::]", "[8.8.8.8]", "git.example.com:99999"])("an upstream host cannot be %s", (host) =>
  expect(upstreamHost.safeParse(host).success).toBe(false),
);
