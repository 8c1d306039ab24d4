import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { askForPull, makeVictim, storeCredential, testStored, type Arena } from "./arena";
import { sideBySide, type Attack } from "./attack";
import { ask, askOnce, askRaw, rawStatus, summary, type Answer, type Question } from "./ask";
import { childOf, until } from "./processes";
import { peakMemory, webProcess } from "../bench/processes";

const SECRETS = "/api/v1/repos/git-credentials";
/** The web process's heap is bounded; with what stands outside it, this is never passed, nor by the worker. */
const MOST_MEMORY_MB = 900;
/** Of the installation that has them; real ones would take minutes to reach. */
const RATES = { subject: 40, failures: 20, address: 200 };
const BOMBS = ["flood", "gzip-bomb", "header-bomb", "many-packets", "cut-short"];
const IDLE = { connections: 1_100, allowed: 1_000 };

/** Floods, slow clients, bombs and requests that two readers would read in two ways. */
export async function limits(arena: Arena): Promise<{ attacks: Attack[]; stop: () => Promise<unknown> }> {
  const { db, url, hostile, latchkey, startOther, folder } = arena;
  const victim = await makeVictim(db);
  const { token } = victim;
  const another = await victim.key.token({ sub: "another" });
  const build = readFileSync(path.join(".next", "BUILD_ID"), "utf8").trim();
  const head = (method: string, target: string, ...lines: string[]) =>
    [`${method} ${target} HTTP/1.1`, "Host: localhost", `Authorization: Bearer ${token}`, ...lines, "", ""].join(
      "\r\n",
    );
  const json = "Content-Type: application/json";
  const raw = (name: string, expected: Attack["expected"], bytes: string | Buffer): Attack => ({
    name,
    expected,
    attempt: async () => rawStatus(await askRaw(url, bytes)),
  });
  /** They wait side by side while all the others are tried, so that all of them take as long as one. */
  const slowly = Object.entries({
    "a head that never ends": "GET /api/v1/repos HTTP/1.1\r\nHost: localhost\r\nX-A: ",
    "a request line that never ends": "GET /",
    "nothing at all": "\r\n",
    "a body that never ends": `${head("PUT", SECRETS, json, "Content-Length: 100")}{"id":`,
    "a body in pieces that never ends": `${head("PUT", SECRETS, json, "Transfer-Encoding: chunked")}5\r\n{"id"\r\n`,
    "a form that never ends": `${head("POST", "/sign-in", "Content-Type: multipart/form-data; boundary=x", "Content-Length: 100")}--x`,
  }).map(([what, bytes]): Attack => {
    const answered = askRaw(url, bytes, { untilMs: 120_000 }).then(rawStatus);
    return { name: `a slow client: ${what}`, expected: "408", attempt: () => answered };
  });
  const limited = await startOther({
    DATABASE_URL: latchkey.databaseUrl,
    LATCHKEY_DATA_DIR: mkdtempSync(path.join(folder, "limited-")),
    LATCHKEY_MASTER_KEYS: readFileSync(path.join(latchkey.dataDir, "master-keys"), "utf8").trim(),
    // So that each attack comes from an address of its own.
    LATCHKEY_TRUSTED_PROXIES: "127.0.0.1",
    LATCHKEY_RATE_SUBJECT: String(RATES.subject),
    LATCHKEY_RATE_FAILURES: String(RATES.failures),
    LATCHKEY_RATE_ADDRESS: String(RATES.address),
  });
  const healthy = async () => {
    const { status } = await ask(url, { path: "/api/ready" });
    // Either worker may have taken a pull.
    const workers = [latchkey, limited].map(({ pid }) => childOf(pid, "scripts/worker.ts")!);
    const memory = Math.max(...[webProcess(latchkey.pid), ...workers].map(peakMemory));
    return `ready ${status}, ${memory < MOST_MEMORY_MB ? "memory within its bound" : `${memory} MB of memory`}`;
  };
  const good = "ready 200, memory within its bound";
  const flood = (
    name: string,
    amount: number,
    allowed: RegExp,
    question: (index: number) => Parameters<typeof ask>[1],
  ): Attack => ({
    name: `${amount} at once: ${name}`,
    expected: `answered or refused politely, ${good}`,
    attempt: async () => {
      const answers = await Promise.all(
        Array.from({ length: amount }, (_, index) => ask(url, question(index)).catch(() => null)),
      );
      const odd = answers.find((answer) => {
        if (!answer) return true;
        const later = [429, 503].includes(answer.status) && answer.headers["retry-after"] !== undefined;
        return !later && !allowed.test(String(answer.status));
      });
      const said =
        odd === undefined
          ? "answered or refused politely"
          : odd === null
            ? "a connection was lost"
            : `${odd.status} ${odd.text.slice(0, 100)}`;
      return `${said}, ${await healthy()}`;
    },
  });
  const bombed = async (behaviour: string) => {
    const password = randomBytes(12).toString("hex");
    const names = { name: behaviour, host: hostile.host, owner: behaviour };
    return storeCredential(arena, victim, { ...names, password });
  };
  const bomb = (behaviour: string): Attack => ({
    name: `the upstream answers a test with ${behaviour}`,
    expected: new RegExp(`^(not_git|unreachable|public_unproven|no_access), in time, ${good}$`),
    writes: true,
    attempt: async () => {
      const stored = await bombed(behaviour);
      const started = Date.now();
      const answer = await testStored(url, token, stored);
      const said = answer.status === 200 ? (JSON.parse(answer.text) as { outcome: string }).outcome : summary(answer);
      return `${said}, ${Date.now() - started < 45_000 ? "in time" : "too late"}, ${await healthy()}`;
    },
  });
  /** Those that were tested before, all at once, since an upstream that is slow to end makes no other wait. */
  const pulls = (behaviours: readonly string[]): Attack => ({
    name: `upstreams answer pulls with ${behaviours.join(", ")}`,
    expected: new RegExp(
      `^(bad_objects|not_git|too_large|unreachable)( and (bad_objects|not_git|too_large|unreachable))*, ${good}$`,
    ),
    writes: true,
    attempt: async () => {
      const where = { organizationId: victim.id, name: { in: [...behaviours] } };
      for (const name of behaviours) {
        await askForPull(url, token, name);
      }
      const ended = () =>
        db.syncRun.findMany({
          where: { repository: where, number: 1, finishedAt: { not: null } },
          orderBy: { outcome: "asc" },
        });
      await until("the pulls end", async () => (await ended()).length === behaviours.length);
      const outcomes = new Set((await ended()).map(({ outcome }) => outcome));
      // What could not be reached would be tried again, in the midst of other attacks.
      await db.repository.deleteMany({ where });
      return `${[...outcomes].join(" and ")}, ${await healthy()}`;
    },
  });
  /** So many, at once unless said otherwise and within one minute of the clock: what was answered, how often. */
  const counted = async (amount: number, question: (index: number) => Question, atOnce = amount) => {
    await until("a minute has time left", () => new Date().getSeconds() < 45);
    const answers: Answer[] = [];
    while (answers.length < amount) {
      const asked = Array.from({ length: atOnce }, (_, index) =>
        askOnce(limited.url, question(answers.length + index)),
      );
      answers.push(...(await Promise.all(asked)));
    }
    const counts = new Map<string, number>();
    for (const answer of answers) {
      const wait = Number(answer.headers["retry-after"]);
      const said = answer.status === 429 && wait > 0 && wait <= 60 ? "429 with a time to wait" : String(answer.status);
      counts.set(said, (counts.get(said) ?? 0) + 1);
    }
    return [...counts]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([said, times]) => `${times}× ${said}`)
      .join(", ");
  };
  const large = "x".repeat(70_000);
  const attacks = [
    raw("headers of 20 KB", /^431$/, head("GET", "/api/v1/repos", `X-Much: ${"x".repeat(20_000)}`)),
    raw(
      "2,000 headers",
      /^431$/,
      head("GET", "/api/v1/repos", ...Array.from({ length: 2_000 }, (_, i) => `X-${i}: ${i}`)),
    ),
    raw("an address of 20 KB", /^(414|431)$/, head("GET", `/api/v1/repos?q=${"x".repeat(20_000)}`)),
    raw("a body that says it is 1 GB", "413", head("PUT", SECRETS, json, "Content-Length: 1073741824")),
    raw(
      "a body of 70 KB in pieces",
      "413",
      `${head("PUT", SECRETS, json, "Transfer-Encoding: chunked")}${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`,
    ),
    raw("two lengths", "400", `${head("PUT", SECRETS, json, "Content-Length: 2", "Content-Length: 3")}{}`),
    raw(
      "a length and pieces",
      "400",
      `${head("PUT", SECRETS, json, "Content-Length: 2", "Transfer-Encoding: chunked")}0\r\n\r\n`,
    ),
    raw("a length below zero", "400", `${head("PUT", SECRETS, json, "Content-Length: -1")}{}`),
    raw("a length with a sign", "400", `${head("PUT", SECRETS, json, "Content-Length: +2")}{}`),
    raw("pieces of an unknown kind", /^(400|501)$/, `${head("PUT", SECRETS, json, "Transfer-Encoding: xchunked")}{}`),
    raw(
      "a piece with a size that is none",
      "400",
      `${head("PUT", SECRETS, json, "Transfer-Encoding: chunked")}zz\r\n{}\r\n0\r\n\r\n`,
    ),
    raw("a header that is folded", "400", head("GET", "/api/v1/repos", "X-A: 1\r\n continued")),
    raw("a header with a NUL", "400", head("GET", "/api/v1/repos", "X-A: a\0b")),
    raw("a header's name with a blank", "400", head("GET", "/api/v1/repos", "X-A : 1")),
    raw(
      "line ends without a carriage return",
      /^(400|200)$/,
      head("GET", "/api/v1/repos", "Connection: close").replaceAll("\r\n", "\n"),
    ),
    raw("no host", "400", `GET /api/v1/repos HTTP/1.1\r\nAuthorization: Bearer ${token}\r\n\r\n`),
    raw("HTTP/2 without asking", /^(400|505|nothing)$/, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    raw("HTTP/9.9", /^(400|505)$/, "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n"),
    raw("CONNECT", /^(400|404|405|nothing)$/, head("CONNECT", "127.0.0.1:22")),
    raw("TRACE", "405", head("TRACE", "/api/v1/repos", "Connection: close")),
    raw("a method that is none", "400", head("GET1 /x", "/api/v1/repos")),
    raw("a TLS hello", /^(400|nothing)$/, Buffer.from("160301020001000001fc0303", "hex")),
    raw("random bytes", /^(400|nothing)$/, randomBytes(4096)),
    raw(
      "an address of another host",
      /^(200|308|400|401|404)$/,
      head("GET", "http://169.254.169.254/latest/meta-data", "Connection: close"),
    ),
    raw("dot segments in front of the API", "400", head("GET", "/x/../api/v1/repos")),
    raw("dot segments from the API to a page", "400", head("GET", "/api/%2e%2e/docs/api")),
    raw("an encoded letter in the API's path", "400", head("GET", "/%61pi/v1/repos")),
    raw("Next's second name for the API", "400", head("GET", `/_next/data/${build}/api/v1/repos.json`)),
    raw(
      "a websocket",
      "400",
      head(
        "GET",
        "/api/v1/repos",
        "Connection: Upgrade, close",
        "Upgrade: websocket",
        "Sec-WebSocket-Key: x",
        "Sec-WebSocket-Version: 13",
      ),
    ),
    flood("lists of repositories", 300, /^200$/, () => ({ path: "/api/v1/repos", token })),
    flood("tokens that are wrong", 300, /^401$/, (index) => ({ path: "/api/v1/repos", token: `a${index}.b.c` })),
    flood("bodies of 64 KiB that are wrong", 100, /^(400|413)$/, () => ({
      method: "PUT",
      path: SECRETS,
      token,
      body: "[".repeat(65_000),
    })),
    flood("pages", 500, /^(200|307)$/, () => ({ path: "/sign-in" })),
    flood("paths that are none", 300, /^404$/, (index) => ({ path: `/api/none/${index}` })),
    {
      name: "a token that asks more often than it may",
      expected: `${RATES.subject}× 200, 20× 429 with a time to wait; another one: 1× 200`,
      attempt: async () => {
        const said = await counted(RATES.subject + 20, () => ({ path: "/api/v1/repos", token }));
        return `${said}; another one: ${await counted(1, () => ({ path: "/api/v1/repos", token: another }))}`;
      },
    },
    {
      name: "an address that asks more often than it may",
      expected: /^(\d+× 200, )?[1-9]\d*× 429 with a time to wait; health 200$/,
      attempt: async () => {
        const headers = { "x-forwarded-for": "192.0.2.1" };
        const said = await counted(RATES.address + 20, () => ({ path: "/api/openapi.json", headers }));
        return `${said}; health ${(await askOnce(limited.url, { path: "/api/health" })).status}`;
      },
    },
    {
      name: "an address that sends more wrong tokens than it may",
      expected: `${RATES.failures}× 401, 10× 429 with a time to wait; a good one: 1× 429 with a time to wait`,
      attempt: async () => {
        const headers = { "x-forwarded-for": "192.0.2.2" };
        // One after the other: what is looked at already when the limit is reached still counts.
        const wrong = (index: number) => ({ path: "/api/v1/repos", headers, token: `a${index}.b.c` });
        const said = await counted(RATES.failures + 10, wrong, 1);
        return `${said}; a good one: ${await counted(1, () => ({ path: "/api/v1/repos", headers, token: another }))}`;
      },
    },
    {
      name: `${IDLE.connections} connections of one address that say nothing`,
      expected: `${IDLE.connections - IDLE.allowed} are closed, another address is answered, ${good}`,
      attempt: async () => {
        const { port } = new URL(url);
        let closed = 0;
        const sockets = await Promise.all(
          Array.from(
            { length: IDLE.connections },
            () =>
              new Promise<net.Socket>((resolve) => {
                const from = { host: "127.0.0.1", localAddress: "127.0.0.2" };
                const socket = net.connect({ port: Number(port), ...from }, () => resolve(socket));
                socket.on("error", () => undefined);
                socket.once("close", () => (closed += 1));
              }),
          ),
        );
        await until("those beyond the limit are closed", () => closed >= IDLE.connections - IDLE.allowed, 10_000);
        const { status } = await ask(url, { path: "/api/v1/repos", token });
        const seen = `${closed} are closed, another address is ${status === 200 ? "answered" : status}`;
        for (const socket of sockets) socket.destroy();
        return `${seen}, ${await healthy()}`;
      },
    },
    {
      name: "500 connections of one address that ask for a page each",
      expected: `a page for somebody else, ${good}`,
      attempt: async () => {
        const { port } = new URL(url);
        const sockets = await Promise.all(
          Array.from({ length: 500 }, async () => {
            const socket = net.connect({ port: Number(port), host: "127.0.0.1", localAddress: "127.0.0.2" });
            socket.on("error", () => undefined).pause();
            await new Promise<void>((resolve) => {
              socket.write("GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n", () => resolve());
              socket.once("close", () => resolve());
            });
            return socket;
          }),
        );
        const { status } = await ask(url, { path: "/sign-in" });
        for (const socket of sockets) socket.destroy();
        return `${status === 200 ? "a page for somebody else" : status}, ${await healthy()}`;
      },
    },
    ...sideBySide([...BOMBS, "hang"].map(bomb)),
    pulls(BOMBS),
    ...slowly,
  ];
  return { attacks, stop: () => limited.stop() };
}
