import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { probe, type ProbedUpstream } from "@/lib/domain/upstream/probe";
import { createUpstreamClient, type UpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { startGitHost, type GitHost } from "@/scripts/git-host/start-git-host";

let gitea: GitHost;
let gitlab: GitHost;
let client: UpstreamClient;

beforeAll(async () => {
  [gitea, gitlab] = await Promise.all([startGitHost("Gitea"), startGitHost("GitLab")]);
  for (const host of [gitea, gitlab]) {
    host.addRepository("team/app");
    host.addRepository("team/open", { public: true });
    host.tokens.set("writes", "write").set("reads", "read").set("small", "little").set("strange", "none");
  }
  client = createUpstreamClient(
    createEgressPolicy(["localhost"]),
    [gitea, gitlab].map(({ caFile }) => readFileSync(caFile, "utf8")).join("\n"),
  );
});

afterEach(() => {
  gitlab.tokenDescription = {};
});

afterAll(async () => {
  await Promise.all([gitea.stop(), gitlab.stop()]);
});

function upstream(host: GitHost, name = "app", owner = "team"): ProbedUpstream {
  const provider = host === gitlab ? "gitlab" : "gitea";
  return { provider, host: host.host, owner, name, canonicalPath: null };
}

const secret = (username: string, password: string) => ({ username, password });

describe("a secret is tested against a real Git server", () => {
  it.each([
    ["reads_and_writes", "app", "writer", "writes"],
    ["reads_only", "app", "reader", "reads"],
    ["rejected", "app", "writer", "wrong"],
    ["rejected", "open", "writer", "wrong"],
    ["scope_too_small", "app", "small", "small"],
    ["no_access", "app", "stranger", "strange"],
    ["public_unproven", "open", "reader", "reads"],
    ["public_unproven", "open", "writer", "writes"],
  ])("%s: repository %s as %s", async (outcome, name, username, password) => {
    const found = await probe(client, upstream(gitea, name), secret(username, password));
    expect(found).toMatchObject({ outcome });
    // What answered without asking for a sign-in had no reason to say what it is.
    expect(found.hostSays).toBe(name === "open" && outcome === "public_unproven" ? null : "gitea");
  });

  it("never takes a public repository for a proof, and says where the secret may write", async () => {
    const writer = await probe(client, upstream(gitea, "open"), secret("writer", "writes"));
    expect(writer.reason).toBe("accepted_for_writing");
    const reader = await probe(client, upstream(gitea, "open"), secret("reader", "reads"));
    expect(reader.reason).toBeNull();
  });

  it("reads from GitLab when its token ends and what it may do", async () => {
    expect(await probe(client, upstream(gitlab), { username: null, password: "writes" })).toMatchObject({
      outcome: "reads_and_writes",
      hostSays: "gitlab",
      expiresAt: new Date(`${gitlab.tokensEnd}T00:00:00Z`),
      scopes: ["read_repository", "write_repository"],
      lastUsedAt: new Date("2026-11-20T10:00:00Z"),
    });
  });

  const USUAL = {
    expiresAt: expect.any(Date) as Date,
    scopes: ["read_repository", "write_repository"],
    lastUsedAt: new Date("2026-11-20T10:00:00Z"),
  };
  const NOTHING = { expiresAt: null, scopes: [], lastUsedAt: null };

  it.each([
    ["scopes of GitLab's, and no word besides", { scopes: ["writes", "sudo", "<b>", 7, "api"] }, ["api", "sudo"]],
    ["no scope where they are no list", { scopes: "api read_api" }, []],
    ["no scope of a list of other words", { scopes: Array.from({ length: 5000 }, (_, index) => `scope_${index}`) }, []],
  ])("keeps of what GitLab tells %s", async (_what, description, scopes) => {
    gitlab.tokenDescription = description;
    const found = await probe(client, upstream(gitlab), { username: null, password: "writes" });
    expect(found).toMatchObject({ outcome: "reads_and_writes", ...USUAL, scopes });
  });

  it.each([
    ["an end that is no day", { expires_at: "soon <b>" }, NOTHING],
    ["an end that is a number", { expires_at: 20261231 }, NOTHING],
    ["a last use that is no time", { last_used_at: "yesterday" }, { ...USUAL, lastUsedAt: null }],
    ["no end", { expires_at: null }, { ...USUAL, expiresAt: null }],
  ])("takes %s for no verdict on the secret", async (_what, description, facts) => {
    gitlab.tokenDescription = description;
    const found = await probe(client, upstream(gitlab), { username: null, password: "writes" });
    expect(found).toMatchObject({ outcome: "reads_and_writes", ...facts });
  });

  it("follows a redirect within the origin once, and keeps where it led", async () => {
    const given = { ...upstream(gitea), canonicalPath: "/team/app" };
    const found = await probe(client, given, secret("writer", "writes"));
    expect(found).toMatchObject({ outcome: "reads_and_writes", canonicalPath: "/team/app.git" });
    gitea.requests.length = 0;
    await probe(client, { ...given, canonicalPath: found.canonicalPath }, secret("writer", "writes"));
    expect(gitea.requests.map(({ line }) => line)).not.toContainEqual(expect.stringContaining("/team/app/info"));
  });

  it("asks nothing of sr.ht", async () => {
    gitea.requests.length = 0;
    const srht = { ...upstream(gitea), provider: "srht" as const };
    expect(await probe(client, srht, secret("a", "b"))).toMatchObject({ outcome: "takes_no_credential" });
    expect(gitea.requests).toEqual([]);
  });
});

describe("an upstream that is not reached", () => {
  it.each(["name", "address", "connection", "certificate"])("says why: %s", async (reason) => {
    const cases: Record<string, { host: string; through: UpstreamClient }> = {
      name: { host: "no-such-host.invalid", through: client },
      address: { host: gitea.host, through: createUpstreamClient(createEgressPolicy([])) },
      connection: { host: "localhost:1", through: client },
      certificate: { host: gitea.host, through: createUpstreamClient(createEgressPolicy(["localhost"])) },
    };
    const { host, through } = cases[reason]!;
    gitea.requests.length = 0;
    expect(await probe(through, { ...upstream(gitea), host }, secret("writer", "writes"))).toMatchObject({
      outcome: "unreachable",
      reason,
    });
    expect(gitea.requests).toEqual([]);
  });

  it("is one whose certificate nobody vouches for, even where the environment has Node check none", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const stranger = createUpstreamClient(createEgressPolicy(["localhost"]));
    const asked = gitea.requests.length;
    const found = await probe(stranger, upstream(gitea), secret("writer", "writes"));
    vi.unstubAllEnvs();
    expect(found).toMatchObject({ outcome: "unreachable", reason: "certificate" });
    expect(gitea.requests).toHaveLength(asked);
  });

  it.each(["@", ":1@", ".elsewhere.example:1@"])(
    "is not asked at a path that makes another host of it: %s",
    async (start) => {
      const asked = gitlab.requests.length;
      const canonicalPath = `${start}${gitlab.host}/team/app.git`;
      const found = await probe(client, { ...upstream(gitea), canonicalPath }, secret("writer", "writes"));
      expect(found).toMatchObject({ outcome: "unreachable", reason: "address" });
      expect(gitlab.requests).toHaveLength(asked);
    },
  );

  it.each(["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::ffff:127.0.0.1]", "localhost@127.0.0.1"])(
    "is not asked where its host is an address that the policy denies, written as %s",
    async (written) => {
      const asked = gitlab.connections.length;
      const host = `${written}:${gitlab.host.split(":")[1]}`;
      const found = await probe(client, { ...upstream(gitlab), host }, secret("writer", "writes"));
      expect(found).toMatchObject({ outcome: "unreachable", reason: "address" });
      expect(gitlab.connections).toHaveLength(asked);
    },
  );

  it("gives up on a host that never answers", async () => {
    const impatient = createUpstreamClient(createEgressPolicy(["localhost"]), readFileSync(gitea.caFile, "utf8"), {
      answerMs: 300,
    });
    const found = await probe(impatient, upstream(gitea, "hang", "hostile"), secret("writer", "writes"));
    expect(found).toMatchObject({ outcome: "unreachable", reason: "time" });
  });
});
