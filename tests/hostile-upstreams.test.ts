import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SyncOutcome, SyncReason } from "@/lib/contract/sync-runs";
import type { TestOutcome, TestReason } from "@/lib/contract/test-outcome";
import { basicAuthorization } from "@/lib/domain/upstream/basic-authorization";
import { withDeadline } from "@/lib/domain/upstream/deadline";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { startGateway, type Gateway, type GatewayTarget } from "@/lib/domain/upstream/gateway";
import { fetchMirror, mirrorFolder, type FetchResult } from "@/lib/domain/upstream/mirror";
import { probe, type ProbedUpstream, type TestResult } from "@/lib/domain/upstream/probe";
import { createUpstreamClient, type UpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { startGitHost, type GitHost } from "@/scripts/git-host/start-git-host";
import { otherProcesses } from "./support/processes";
import { startWitness, type Witness } from "./support/witness";

// Each case once for a test of a secret and once for a pull with it: what comes of it, what the other side saw, and that
// neither a process, nor a connection, nor a trace of the secret is left.

const SECRET = { username: "git", password: `glpat-${randomBytes(20).toString("hex")}` };
const AUTHORIZATION = basicAuthorization("gitlab", SECRET);
const TRACES = [SECRET.password, AUTHORIZATION.slice(6).replace(/=+$/, "")];
const PATIENT_MS = 25_000;
/** For upstreams that never end by themselves. */
const IMPATIENT_MS = 400;

interface Place {
  host: string;
  client: UpstreamClient;
}

let host: GitHost;
let expired: GitHost;
let misnamed: GitHost;
let named: GitHost;
let witness: Witness;
let deniedWitness: Witness;
let mirrors: string;
let client: UpstreamClient;
let counter = 0;

beforeAll(async () => {
  [host, expired, misnamed, named, witness, deniedWitness] = await Promise.all([
    startGitHost(),
    startGitHost("Gitea", { ended: true }),
    startGitHost("Gitea", { names: ["other.test"] }),
    startGitHost("Gitea", { names: ["git.test"] }),
    startWitness("127.0.0.1"),
    startWitness("127.0.0.2"),
  ]);
  for (const name of ["echo-redirect", "echo-refs", "echo-objects"] as const) host.addRepository(`hostile/${name}`);
  for (const each of [host, named]) {
    each.addRepository("team/app");
    each.tokens.set(SECRET.password, "write");
  }
  mirrors = mkdtempSync(path.join(os.tmpdir(), "latchkey-hostile-"));
  client = trusting(host);
});

afterAll(async () => {
  await Promise.all([host, expired, misnamed, named, witness, deniedWitness].map((each) => each.stop()));
  rmSync(mirrors, { recursive: true, force: true });
});

beforeEach(() => {
  for (const each of [host, expired, misnamed, named]) {
    each.requests.length = 0;
    each.connections.length = 0;
  }
  for (const each of [witness, deniedWitness]) each.heard.length = 0;
});

/** A client that trusts this host's certificate, and may go to loopback by name. */
function trusting(of: GitHost): UpstreamClient {
  return createUpstreamClient(createEgressPolicy(["localhost", "127.0.0.1"]), readFileSync(of.caFile, "utf8"));
}

function test({ host, client }: Place, name: string, deadlineMs = PATIENT_MS): Promise<TestResult> {
  const [owner = "", repository = ""] = name.split("/");
  const upstream: ProbedUpstream = { provider: "gitea", host, owner, name: repository, canonicalPath: null };
  return probe(client, upstream, SECRET, { deadlineMs });
}

interface Pulled extends FetchResult {
  /** Where the mirror is. */
  folder: string;
  /** Of the git processes, in MB. */
  peakMemory: number;
  /** What other processes showed of the secret meanwhile. */
  shown: string[];
}

/** Fetches into a fresh mirror, with an eye on the machine's other processes; its time is over once `over` says so. */
async function pull({ host, client }: Place, name: string, over: () => boolean = () => false): Promise<Pulled> {
  const gateway = await startGateway(client);
  const marks: string[] = [];
  let peakMemory = 0;
  const shown: string[] = [];
  const look = () => {
    for (const { pid, text, peakMegabytes } of otherProcesses()) {
      if (TRACES.some((trace) => text.includes(trace))) shown.push(`process ${pid}`);
      if (marks.some((mark) => text.includes(mark))) peakMemory = Math.max(peakMemory, peakMegabytes);
    }
  };
  const watched: Gateway = {
    ...gateway,
    open(target) {
      const job = gateway.open(target);
      marks.push(job.url);
      return job;
    },
  };
  const folder = mirrorFolder(mirrors, `repo_${(counter += 1)}`);
  marks.push(folder);
  const deadline = new AbortController();
  const looking = setInterval(() => {
    look();
    if (over()) deadline.abort();
  }, 100);
  try {
    const result = await withDeadline(PATIENT_MS, deadline.signal, (signal) => {
      const authorize = () => {
        look();
        return Promise.resolve(AUTHORIZATION);
      };
      const target: GatewayTarget = { host, path: `/${name}.git`, authorize, maxBytes: 1e9, signal };
      return fetchMirror(watched, { folder, target, ref: null });
    });
    expect(otherProcesses().filter(({ text }) => marks.some((mark) => text.includes(mark)))).toEqual([]);
    return { ...result, folder, peakMemory, shown };
  } finally {
    clearInterval(looking);
    await gateway.stop();
  }
}

/** Nothing of the secret is in what is kept, nothing of the job goes on, and nobody else heard of it. */
async function expectNothingLeft(result: TestResult | Pulled): Promise<void> {
  for (const each of [host, expired, misnamed, named]) await expect.poll(() => each.openConnections()).toBe(0);
  const kept = [JSON.stringify(result), ...("after" in result ? [JSON.stringify([...result.after])] : [])];
  if ("folder" in result) {
    expect(result.shown).toEqual([]);
    const files = readdirSync(result.folder, { withFileTypes: true, recursive: true });
    kept.push(...files.map(({ name }) => name));
    kept.push(
      ...files
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), "latin1")),
    );
  }
  expect(kept.filter((text) => TRACES.some((trace) => text.includes(trace)))).toEqual([]);
}

type Ending<Outcome, Reason> = readonly [Outcome, Reason | null];

interface HostileCase {
  what: string;
  /** `/hostile/<name>.git`; see the host's answers. */
  name: string;
  test: Ending<TestOutcome, TestReason>;
  pull: Ending<SyncOutcome, SyncReason>;
  /** It never ends by itself. */
  endless?: true;
}

const CASES: readonly HostileCase[] = [
  { what: "redirects in a circle", name: "loop", test: ["not_git", null], pull: ["not_git", null] },
  {
    what: "an error that repeats the sign-in",
    name: "echo",
    test: ["unreachable", "host_error"],
    pull: ["unreachable", "host_error"],
  },
  { what: "a page that repeats the sign-in", name: "echo-page", test: ["not_git", null], pull: ["not_git", null] },
  {
    what: "the sign-in as progress and error of the server",
    name: "echo-sideband",
    test: ["public_unproven", null],
    pull: ["bad_objects", null],
  },
  {
    what: "branches named after the sign-in",
    name: "echo-refs",
    test: ["public_unproven", "accepted_for_writing"],
    pull: ["bad_objects", null],
  },
  {
    what: "an object that holds the sign-in",
    name: "echo-objects",
    test: ["public_unproven", "accepted_for_writing"],
    pull: ["bad_objects", null],
  },
  {
    what: "a redirect to an address with the sign-in in it",
    name: "echo-redirect",
    test: ["public_unproven", "accepted_for_writing"],
    pull: ["not_git", null],
  },
  { what: "a login page", name: "login", test: ["not_git", null], pull: ["not_git", null] },
  { what: "a file server, Git's old way", name: "dumb", test: ["not_git", null], pull: ["not_git", null] },
  {
    what: "Kerberos and NTLM only",
    name: "negotiate",
    test: ["rejected", "other_sign_in"],
    pull: ["rejected", "other_sign_in"],
  },
  { what: "branches without end", name: "endless", test: ["public_unproven", null], pull: ["too_large", null] },
  {
    what: "branches without end, asked for by themselves",
    name: "endless-list",
    test: ["public_unproven", null],
    pull: ["too_large", null],
  },
  {
    what: "a pack that is broken off",
    name: "broken-off",
    test: ["public_unproven", null],
    pull: ["unreachable", "connection"],
  },
  { what: "a bomb that nobody offered to unpack", name: "bomb", test: ["not_git", null], pull: ["not_git", null] },
  { what: "no answer", name: "hang", test: ["unreachable", "time"], pull: ["unreachable", "time"], endless: true },
  {
    what: "a byte now and then",
    name: "drip",
    test: ["unreachable", "time"],
    pull: ["unreachable", "time"],
    endless: true,
  },
  {
    what: "headers that do not end",
    name: "drip-head",
    test: ["unreachable", "time"],
    pull: ["unreachable", "time"],
    endless: true,
  },
];

describe("a hostile upstream: a test of a secret", () => {
  it.each(CASES)("$what", async ({ name, test: [outcome, reason], endless }) => {
    const deadline = endless && IMPATIENT_MS;
    const result = await test({ host: host.host, client }, `hostile/${name}`, deadline);
    expect(result).toMatchObject({ outcome, reason });
    // Asked again, by an upstream that remembers what it was sent.
    await expectNothingLeft(await test({ host: host.host, client }, `hostile/${name}`, deadline));
  });
});

describe("a hostile upstream: a pull", () => {
  it.each(CASES)("$what", async ({ name, pull: [outcome, reason], endless }) => {
    const before = process.memoryUsage().rss;
    const asked = () => endless === true && host.requests.length > 0;
    const result = await pull({ host: host.host, client }, `hostile/${name}`, asked);
    expect(result).toMatchObject({ outcome, reason });
    expect(result.after.size).toBe(0);
    expect(result.bytes).toBeLessThan(66 * 1024 * 1024);
    expect(result.peakMemory).toBeLessThan(400);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
    await expectNothingLeft(result);
  });
});

describe("a redirect", () => {
  const origins: [string, () => string][] = [
    ["another host", () => `https://127.0.0.1:${host.host.split(":")[1]}`],
    ["another port", () => `https://localhost:${witness.host.split(":")[1]}`],
    ["http", () => `http://${witness.host}`],
    ["an address that is denied", () => `https://${deniedWitness.host}`],
  ];

  it.each(origins)("to %s is not followed, and nobody there hears of it", async (_what, origin) => {
    host.elsewhere = origin();
    const place = { host: host.host, client };
    const tested = await test(place, "hostile/elsewhere");
    expect(tested).toMatchObject({ outcome: "not_git", canonicalPath: null });
    const pulled = await pull(place, "hostile/elsewhere");
    expect(pulled.outcome).toBe("not_git");
    expect(host.requests.filter(({ line }) => !line.includes("/hostile/elsewhere.git/"))).toEqual([]);
    expect([...witness.heard, ...deniedWitness.heard]).toEqual([]);
    await expectNothingLeft(tested);
    await expectNothingLeft(pulled);
  });

  it("within the origin is followed once: by the first question, and the rest goes where it led", async () => {
    const upstream = { provider: "gitea", host: host.host, owner: "team", name: "app", canonicalPath: "/team/app" };
    const tested = await probe(client, upstream as ProbedUpstream, SECRET);
    expect(tested).toMatchObject({ outcome: "reads_and_writes", canonicalPath: "/team/app.git" });
    expect(host.requests.filter(({ line }) => line.includes("/team/app/"))).toMatchObject([{ authorization: null }]);
  });
});

describe("a connection that is not the host's", () => {
  const places: [string, TestReason, () => Place & { seen: GitHost }][] = [
    [
      "whose certificate has expired",
      "certificate",
      () => ({ host: expired.host, client: trusting(expired), seen: expired }),
    ],
    [
      "whose certificate is another host's",
      "certificate",
      () => ({ host: misnamed.host, client: trusting(misnamed), seen: misnamed }),
    ],
    [
      "whose certificate nobody vouches for",
      "certificate",
      () => ({ host: host.host, client: trusting(named), seen: host }),
    ],
  ];

  it.each(places)("%s is told nothing", async (_what, reason, place) => {
    const { seen } = place();
    const tested = await test(place(), "team/app");
    expect(tested).toMatchObject({ outcome: "unreachable", reason });
    const pulled = await pull(place(), "team/app");
    expect(pulled).toMatchObject({ outcome: "unreachable", reason });
    expect(seen.connections.length).toBeGreaterThan(0);
    expect(seen.requests).toEqual([]);
    await expectNothingLeft(tested);
    await expectNothingLeft(pulled);
  });

  it("that is never secured is given up, and was told nothing but the wish to secure it", async () => {
    const mute = { host: witness.host, client };
    const pulled = await pull(mute, "team/app", () => witness.heard.some(({ length }) => length > 0));
    expect(pulled).toMatchObject({ outcome: "unreachable", reason: "time" });
    expect(witness.heard).toHaveLength(1);
    const tested = await test(mute, "team/app", IMPATIENT_MS);
    expect(tested).toMatchObject({ outcome: "unreachable", reason: "time" });
    // A handshake record (22), and no word of what is to be asked in it.
    for (const bytes of witness.heard.filter(({ length }) => length > 0)) {
      expect(bytes[0]).toBe(22);
      expect(bytes.includes("team/app")).toBe(false);
    }
    await expectNothingLeft(tested);
    await expectNothingLeft(pulled);
  });
});

describe("a name", () => {
  /** A place whose name resolves to what the last of these says: the first for the first connection, and so on. */
  function resolvingTo(...answers: string[][]): Place & { asked: () => number } {
    let asked = 0;
    const resolved = createUpstreamClient(createEgressPolicy(["127.0.0.1/32"]), readFileSync(named.caFile, "utf8"), {
      resolveName: () => {
        const addresses = answers[Math.min(asked, answers.length - 1)]!;
        asked += 1;
        return Promise.resolve(addresses.map((address) => ({ address, family: 4 })));
      },
    });
    return { host: `git.test:${named.host.split(":")[1]}`, client: resolved, asked: () => asked };
  }

  it.each([
    ["first", ["127.0.0.2", "127.0.0.1"]],
    ["last", ["127.0.0.1", "127.0.0.2"]],
  ])("that resolves to an allowed and a denied address is refused, the denied one %s", async (_order, addresses) => {
    const place = resolvingTo(addresses);
    expect(await test(place, "team/app")).toMatchObject({ outcome: "unreachable", reason: "address" });
    expect(await pull(place, "team/app")).toMatchObject({ outcome: "unreachable", reason: "address" });
    expect(named.connections).toEqual([]);
  });

  it("that was good when the secret was saved is refused once it leads to a denied address", async () => {
    const place = resolvingTo(["127.0.0.1"], ["127.0.0.2"]);
    expect(await test(place, "team/app")).toMatchObject({ outcome: "reads_and_writes" });
    expect(place.asked()).toBe(1);
    const sent = named.requests.length;
    expect(await test(place, "team/app")).toMatchObject({ outcome: "unreachable", reason: "address" });
    expect(await pull(place, "team/app")).toMatchObject({ outcome: "unreachable", reason: "address" });
    expect(place.asked()).toBe(3);
    expect(named.requests).toHaveLength(sent);
    expect(named.connections).toEqual(["127.0.0.1"]);
  });

  it("that changes its answer in the middle of a pull changes nothing: the connection is the one that was checked", async () => {
    const place = resolvingTo(["127.0.0.1"], ["127.0.0.2"]);
    const pulled = await pull(place, "team/app");
    expect(pulled).toMatchObject({ outcome: "succeeded" });
    expect(Object.fromEntries(pulled.after)).toEqual(named.heads("team/app"));
    expect(named.connections).toEqual(["127.0.0.1"]);
    await expectNothingLeft(pulled);
  });
});
