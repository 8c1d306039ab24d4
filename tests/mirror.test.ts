import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { JobStopped, startGateway, type Gateway, type GatewayTarget } from "@/lib/domain/upstream/gateway";
import { maintainMirror } from "@/lib/domain/upstream/maintain-mirror";
import { countChanges, fetchMirror, mirrorFolder, type FetchProgress } from "@/lib/domain/upstream/mirror";
import { createUpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { startGitHost, type GitHost } from "@/scripts/git-host/start-git-host";
import { otherProcesses } from "./support/processes";

let host: GitHost;
let gateway: Gateway;
let mirrors: string;
let counter = 0;

beforeAll(async () => {
  host = await startGitHost();
  host.addRepository("team/app");
  host.addRepository("team/open", { public: true });
  host.tokens.set("reads", "read").set("strange", "none").set("small", "little");
  const client = createUpstreamClient(createEgressPolicy([host.host]), readFileSync(host.caFile, "utf8"));
  gateway = await startGateway(client);
  mirrors = mkdtempSync(path.join(os.tmpdir(), "latchkey-mirrors-"));
});

afterAll(async () => {
  await gateway.stop();
  await host.stop();
  rmSync(mirrors, { recursive: true, force: true });
});

const basic = (token: string) => `Basic ${Buffer.from(`git:${token}`).toString("base64")}`;

function target(overrides: Partial<GatewayTarget> = {}): GatewayTarget {
  return {
    host: host.host,
    path: "/team/app.git",
    authorize: () => Promise.resolve(basic("reads")),
    maxBytes: 10_000_000,
    signal: AbortSignal.timeout(20_000),
    ...overrides,
  };
}

const newFolder = () => mirrorFolder(mirrors, `repo_${(counter += 1)}`);

describe("a mirror is fetched through the gateway", () => {
  it("has what git ls-remote shows, and follows what changes and what goes", async () => {
    const folder = newFolder();
    const told: FetchProgress[] = [];
    const onProgress = (progress: FetchProgress) => told.push(progress);
    const first = await fetchMirror(gateway, { folder, target: target(), ref: null, onProgress });
    expect(first).toMatchObject({ outcome: "succeeded" });
    expect(first.bytes).toBeGreaterThan(0);
    expect(Object.fromEntries(first.after)).toEqual(host.heads("team/app"));
    expect(told.at(-1)).toEqual({ objectsReceived: 2, objectsTotal: 2, bytes: expect.any(Number) as number });
    host.commit("team/app", "refs/heads/feature");
    host.commit("team/app", "refs/tags/v1");
    const second = await fetchMirror(gateway, { folder, target: target(), ref: null });
    expect(Object.fromEntries(second.after)).toEqual(host.heads("team/app"));
    expect(countChanges(second.before, second.after)).toBe(2);
    host.remove("team/app", "refs/heads/feature");
    const third = await fetchMirror(gateway, { folder, target: target(), ref: null });
    expect(Object.fromEntries(third.after)).toEqual(host.heads("team/app"));
    expect(countChanges(third.before, third.after)).toBe(1);
  });

  it("takes the one branch that is asked for", async () => {
    host.commit("team/app", "refs/heads/one");
    host.commit("team/app", "refs/heads/other");
    const one = await fetchMirror(gateway, { folder: newFolder(), target: target(), ref: "one" });
    expect([...one.after.keys()]).toEqual(["refs/heads/one"]);
    const none = await fetchMirror(gateway, { folder: newFolder(), target: target(), ref: "never-was" });
    expect(none).toMatchObject({ outcome: "stopped", reason: "no_such_ref" });
  });

  it("goes without a secret where there is none", async () => {
    host.requests.length = 0;
    const open = { path: "/team/open.git", authorize: () => Promise.resolve(null) };
    expect(await fetchMirror(gateway, { folder: newFolder(), target: target(open), ref: null })).toMatchObject({
      outcome: "succeeded",
    });
    expect(host.requests.every(({ authorization }) => authorization === null)).toBe(true);
  });

  it("goes on where the host's own redirect leads", async () => {
    const found = await fetchMirror(gateway, { folder: newFolder(), target: target({ path: "/team/app" }), ref: null });
    expect(found).toMatchObject({ outcome: "succeeded", path: "/team/app.git" });
  });
});

describe("what goes wrong has its name", () => {
  it.each([
    ["rejected", null, { authorize: () => Promise.resolve(basic("wrong")) }],
    ["no_access", null, { authorize: () => Promise.resolve(basic("strange")) }],
    ["scope_too_small", null, { authorize: () => Promise.resolve(basic("small")) }],
    ["stopped", null, { authorize: () => Promise.reject(new JobStopped()) }],
    ["too_large", null, { path: "/hostile/endless.git", maxBytes: 1_000_000 }],
    ["unreachable", "address", { host: "127.0.0.1:9" }],
    ["unreachable", "name", { host: "no-such-host.invalid" }],
  ] as const)("%s, %s", async (outcome, reason, overrides) => {
    const fetched = await fetchMirror(gateway, { folder: newFolder(), target: target(overrides), ref: null });
    expect(fetched).toMatchObject({ outcome, reason });
  });
});

describe("a mirror holds no trap", () => {
  it.each([
    ["a submodule's address that is an option", '[submodule "x"]\n\tpath = x\n\turl = -u./evil\n'],
    ["a submodule's name that climbs out", '[submodule "../../hooks"]\n\tpath = x\n\turl = https://example.com/x\n'],
  ])("with %s in its .gitmodules: it is refused whole", async (_what, text) => {
    const name = `team/trap-${(counter += 1)}` as const;
    host.addRepository(name);
    host.commitFile(name, "refs/heads/main", { path: ".gitmodules", text });
    const folder = newFolder();
    const fetched = await fetchMirror(gateway, { folder, target: target({ path: `/${name}.git` }), ref: null });
    expect(fetched).toMatchObject({ outcome: "bad_objects", reason: null });
    expect(fetched.after.size).toBe(0);
  });

  it("that git breaks off at: what it does not read any more is no fault of the connection", async () => {
    const name = `team/trap-${(counter += 1)}` as const;
    host.addRepository(name);
    // From a hundred objects on git looks at them while they come, and 8 MB are more than is on the way at once.
    for (let number = 0; number < 34; number += 1)
      host.commitFile(name, "refs/heads/main", { path: `file-${number}`, text: String(number) });
    // A name that some systems take for `.git`.
    host.commitFile(name, "refs/heads/main", { path: ".g\u200cit", text: randomBytes(4_000_000).toString("hex") });
    const folder = newFolder();
    const fetched = await fetchMirror(gateway, { folder, target: target({ path: `/${name}.git` }), ref: null });
    expect(fetched).toMatchObject({ outcome: "bad_objects", reason: null });
    expect(fetched.after.size).toBe(0);
  });

  it("that git would wait for: it is given up", async () => {
    const folder = newFolder();
    await fetchMirror(gateway, { folder, target: target(), ref: null });
    // Nobody ever writes into it.
    execFileSync("mkfifo", [path.join(folder, "packed-refs")]);
    const waiting = fetchMirror(gateway, { folder, target: target(), ref: null }, { localMs: 500 });
    await expect(waiting).rejects.toThrow("could not be read");
  });
});

describe("a mirror that has been fetched often", () => {
  const packs = (folder: string) =>
    readdirSync(path.join(folder, "objects", "pack")).filter((name) => name.endsWith(".pack"));
  const signal = new AbortController().signal;

  it("has its packs put together, and holds what it held", async () => {
    const folder = newFolder();
    for (let fetched = 1; fetched <= 6; fetched += 1) {
      host.commit("team/app", "refs/heads/often");
      await fetchMirror(gateway, { folder, target: target(), ref: null });
      expect(packs(folder)).toHaveLength(fetched);
    }
    expect(await maintainMirror(folder, signal, { mostPacks: 6 })).toBe("not_needed");
    expect(packs(folder)).toHaveLength(6);
    expect(await maintainMirror(folder, signal, { mostPacks: 5 })).toBe("done");
    expect(packs(folder)).toHaveLength(1);
    execFileSync("git", [`--git-dir=${folder}`, "fsck", "--full", "--strict"], { stdio: "ignore" });
    const again = await fetchMirror(gateway, { folder, target: target(), ref: null });
    expect(Object.fromEntries(again.before)).toEqual(host.heads("team/app"));
    expect(again).toMatchObject({ outcome: "succeeded", after: again.before });
  });

  it("stays as it is where that is broken off", async () => {
    const folder = newFolder();
    await fetchMirror(gateway, { folder, target: target(), ref: null });
    expect(await maintainMirror(folder, AbortSignal.abort(), { mostPacks: 0 })).toBe("failed");
    expect(packs(folder)).toHaveLength(1);
    execFileSync("git", [`--git-dir=${folder}`, "fsck", "--full", "--strict"], { stdio: "ignore" });
  });
});

describe("the gateway", () => {
  it("takes nothing but the two requests of a fetch, of the job's own child", async () => {
    const job = gateway.open(target());
    const [name, secret] = job.childHeader.split(": ") as [string, string];
    const ask = async (url: string, init: RequestInit = {}) => (await fetch(url, init)).status;
    const headers = { [name]: secret };
    host.requests.length = 0;
    expect(await ask(`${job.url}/info/refs?service=git-upload-pack`)).toBe(404);
    expect(await ask(`${job.url}/info/refs?service=git-upload-pack`, { headers: { [name]: "x".repeat(48) } })).toBe(
      404,
    );
    expect(await ask(`${job.url}/info/refs?service=git-receive-pack`, { headers })).toBe(404);
    expect(await ask(`${job.url}/HEAD`, { headers })).toBe(404);
    expect(await ask(`${job.url}/../other.git/info/refs?service=git-upload-pack`, { headers })).toBe(404);
    expect(await ask(`${job.url}/info/refs?service=git-upload-pack`, { headers, method: "DELETE" })).toBe(404);
    expect(host.requests).toEqual([]);
    expect(await ask(`${job.url}/info/refs?service=git-upload-pack`, { headers })).toBe(200);
    job.close();
    expect(await ask(`${job.url}/info/refs?service=git-upload-pack`, { headers })).toBe(404);
  });

  it("keeps the secret from git: it is in no process, setting or file of the mirror", async () => {
    const folder = newFolder();
    const seen: string[] = [];
    const watched = target({
      authorize: () => {
        seen.push(...otherProcesses().map(({ text }) => text));
        return Promise.resolve(basic("reads"));
      },
    });
    expect(await fetchMirror(gateway, { folder, target: watched, ref: null })).toMatchObject({ outcome: "succeeded" });
    expect(seen.some((text) => text.includes("http.extraHeader"))).toBe(true);
    const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
    seen.push(...files.map((entry) => readFileSync(path.join(entry.parentPath, entry.name), "latin1")));
    expect(seen.filter((text) => text.includes(basic("reads").slice(6)))).toEqual([]);
    expect(existsSync(path.join(folder, "FETCH_HEAD"))).toBe(false);
  });
});
