import type { RequestListener, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describe, expect, it } from "vitest";
import { registry } from "@/lib/platform/metrics/process-metrics";
import { createRateLimits } from "@/lib/platform/rate-limits";
import { answerHeaders } from "@/lib/platform/security-headers";
import { apiRateGate } from "@/scripts/web/api-rate-gate";
import { methodGate } from "@/scripts/web/method-gate";
import { MAX_IMPORT_BODY, MAX_PAGE_BODY, pageBodyGate } from "@/scripts/web/page-body-gate";
import { PAGES, pageGate } from "@/scripts/web/page-gate";
import { refuseUpgrades } from "@/scripts/web/refuse-upgrades";
import { createWebServer, LIMITS } from "@/scripts/web/web-server";
import { connectTo, listening, readAnswer } from "./support/raw-http";

/** Answers what it knows of the request, once its body is whole. */
const echo: RequestListener = (request, response) => {
  let size = 0;
  request.on("data", (chunk: Buffer) => (size += chunk.length));
  request.on("end", () => response.end(JSON.stringify({ size, address: request.headers["x-latchkey-address"] })));
};

const serve = (pass: RequestListener, limits: Partial<typeof LIMITS> = {}, proxies: string[] = []) =>
  listening(createWebServer(pass, proxies, { ...LIMITS, ...limits }));

const get = (path: string, ...lines: string[]) => [`GET ${path} HTTP/1.1`, "Host: x", ...lines, "", ""].join("\r\n");

/** An answer that goes on for as long as somebody reads it. */
const endless = (response: ServerResponse) =>
  pipeline(Readable.from(repeat("x".repeat(64 * 1024))), response).catch(() => undefined);

function* repeat(text: string) {
  for (;;) yield text;
}

const QUICK = { connectionsCheckingInterval: 20, headersTimeout: 100, requestTimeout: 200 };

describe("what does not arrive", () => {
  it("is given up with 408 where the headers do not end", async () => {
    const slow = await connectTo(await serve(echo, QUICK));
    slow.send("GET /api/v1/repos HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    const { status, headers, body } = readAnswer(await slow.closed);
    expect([status, body.code, body.error]).toEqual([408, "request_timeout", "The request took too long to arrive."]);
    expect(headers).toContain("content-type: application/json");
    expect(headers).toContain(`x-request-id: ${String(body.request_id)}`);
  });

  it("is given up with 408 where the body does not end", async () => {
    const slow = await connectTo(await serve(echo, QUICK));
    slow.send('POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"id":');
    expect(readAnswer(await slow.closed)).toMatchObject({ status: 408, body: { code: "request_timeout" } });
  });

  it("is given up with 408 where nothing is said at all", async () => {
    const silent = await connectTo(await serve(echo, QUICK));
    expect(readAnswer(await silent.closed).status).toBe(408);
  });

  it("is waited for between two requests for a while, and then the connection is closed", async () => {
    const idle = await connectTo(await serve(echo, { keepAliveTimeout: 20 }));
    idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const { status, headers } = readAnswer(await idle.closed);
    expect(status).toBe(200);
    expect(headers).toContain("connection: keep-alive");
  });

  it("is looked for every second, so that the documented times hold", () => {
    expect(LIMITS).toMatchObject({
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 1_000,
    });
  });
});

describe("a method that Next hands to no route", () => {
  it.each(["PROPFIND", "TRACE"])("is refused at the API as its routes refuse theirs: %s", async (method) => {
    const server = await connectTo(await serve(methodGate(echo)));
    server.send(`${method} /api/v1/repos HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const { status, headers, body } = readAnswer(await server.closed);
    expect([status, body.code]).toEqual([405, "method_not_allowed"]);
    expect(headers).toContain("allow: get, head, post, put, delete");
    expect(headers).toContain(`x-request-id: ${String(body.request_id)}`);
  });
});

describe("what is no request", () => {
  it("is refused with 431 where its headers are over 16 KiB, and taken just below", async () => {
    const port = await serve(echo);
    const [large, fits] = [await connectTo(port), await connectTo(port)];
    large.send(`GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${"x".repeat(16 * 1024)}\r\n\r\n`);
    expect(readAnswer(await large.closed)).toMatchObject({ status: 431, body: { code: "headers_too_large" } });
    fits.send(`GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Large: ${"x".repeat(15 * 1024)}\r\n\r\n`);
    expect(readAnswer(await fits.closed).status).toBe(200);
  });

  it("is refused with 431 where its address alone is over that", async () => {
    const long = await connectTo(await serve(echo));
    long.send(`GET /${"x".repeat(17 * 1024)} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(readAnswer(await long.closed).status).toBe(431);
  });

  it("is refused with 400 where it is no HTTP, or says two lengths", async () => {
    const port = await serve(echo);
    for (const text of [
      "hello\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ]) {
      const connection = await connectTo(port);
      connection.send(text);
      expect(readAnswer(await connection.closed), text).toMatchObject({
        status: 400,
        body: { code: "invalid_request" },
      });
    }
  });

  it("is refused with 400 where it is for another protocol, also beside somebody who listens and says nothing", async () => {
    const server = createWebServer(echo, [], LIMITS);
    server.on("upgrade", () => undefined);
    refuseUpgrades(server);
    const connection = await connectTo(await listening(server));
    connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    expect(readAnswer(await connection.closed)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });

  it("ends an answer that has begun by cutting it off, not by words in its middle", async () => {
    const port = await serve((_request, response) => void response.writeHead(200).write("begun"));
    const connection = await connectTo(port);
    connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await connection.sees("begun");
    connection.send("no http\r\n\r\n");
    expect(await connection.closed).not.toContain("400");
  });
});

describe("a request that is not answered", () => {
  it("is given up with 503, and what comes too late harms nobody", async () => {
    const late: (() => void)[] = [];
    const port = await serve((_request, response) => void late.push(() => response.writeHead(200).end("late")), {
      answerTimeout: 50,
    });
    const connection = await connectTo(port);
    connection.send("GET /api/v1/repos HTTP/1.1\r\nHost: x\r\n\r\n");
    const { status, headers, body } = readAnswer(await connection.closed);
    expect([status, body.code]).toEqual([503, "busy"]);
    expect(headers).toContain("retry-after: 5");
    for (const answer of late) answer();
    const next = await connectTo(port);
    next.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(readAnswer(await next.closed).status).toBe(503);
  });

  it("has as long as it likes once its answer has begun", async () => {
    let end!: () => void;
    const port = await serve(
      (_request, response) => {
        response.writeHead(200).write("begun");
        end = () => response.end("ended");
      },
      { answerTimeout: 30 },
    );
    const [long, never] = [await connectTo(port), await connectTo(await serve(() => undefined, { answerTimeout: 60 }))];
    long.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    await long.sees("begun");
    never.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    // By the time that twice the deadline has passed elsewhere, this one's has too.
    await never.closed;
    end();
    expect(await long.closed).toContain("ended");
  });
});

describe("an answer that is not read", () => {
  it("is cut off after a while, and then whatever waited for its place goes on", async () => {
    const pages = pageGate(async ({ url }, response) => {
      if (url === "/endless") await endless(response);
      else response.end("made");
    });
    const port = await serve(pages, { unreadTimeout: 100 });
    for (let place = 0; place < PAGES.ofAddress; place++) {
      const deaf = await connectTo(port);
      deaf.send(get("/endless"));
      deaf.stopReading();
    }
    const next = await connectTo(port);
    next.send(get("/sign-in", "Connection: close"));
    expect(await next.closed).toContain("made");
  });

  it("is waited for while it has nothing more to say, as event streams have", async () => {
    const streams: ServerResponse[] = [];
    let cut!: () => void;
    const unreadIsCut = new Promise<void>((resolve) => (cut = resolve));
    const port = await serve(
      ({ url }, response) => {
        if (url === "/endless") return void endless(response).then(cut);
        response.writeHead(200, { "content-type": "text/event-stream" }).write("begun");
        streams.push(response);
      },
      { unreadTimeout: 50 },
    );
    const stream = await connectTo(port);
    stream.send(get("/stream", "Connection: close"));
    await stream.sees("begun");
    const deaf = await connectTo(port);
    deaf.send(get("/endless"));
    deaf.stopReading();
    await unreadIsCut;
    streams[0]!.end("ended");
    expect(await stream.closed).toContain("ended");
  });

  it("is cut off where it is read too slowly; event streams and files to be saved are not", async () => {
    const kinds: Record<string, Record<string, string>> = {
      "/page": { "content-type": "text/html" },
      "/stream": { "content-type": "text/event-stream" },
      "/file": { "content-type": "text/csv", "content-disposition": "attachment" },
    };
    const begun: Record<string, ServerResponse> = {};
    const port = await serve(
      ({ url = "" }, response) => {
        response.writeHead(200, kinds[url]).write("begun");
        begun[url] = response;
      },
      { answerEnd: 100 },
    );
    const ask = async (path: string) => {
      const connection = await connectTo(port);
      connection.send(get(path, "Connection: close"));
      await connection.sees("begun");
      return connection;
    };
    const [stream, file] = [await ask("/stream"), await ask("/file")];
    const page = await ask("/page");
    expect(await page.closed).not.toContain("ended");
    for (const response of Object.values(begun)) response.end("ended");
    expect(await stream.closed).toContain("ended");
    expect(await file.closed).toContain("ended");
  });
});

describe("requests of one connection", () => {
  it("are answered one after the other, and too many of them are cut", async () => {
    const asked: (string | undefined)[] = [];
    const held: ServerResponse[] = [];
    const port = await serve(
      ({ url }, response) => {
        asked.push(url);
        held.push(response);
      },
      { pipelined: 2 },
    );
    const patient = await connectTo(port);
    patient.send(get("/1") + get("/2") + get("/3", "Connection: close"));
    await expect.poll(() => held.length).toBe(1);
    const greedy = await connectTo(port);
    greedy.send(get("/a") + get("/b") + get("/c") + get("/d") + get("/e"));
    expect(await greedy.closed).toBe("");
    for (const end of ["first", "second", "third"]) {
      await expect.poll(() => held.length).toBeGreaterThan(0);
      held.shift()!.end(end);
    }
    expect(await patient.closed).toMatch(/first[^]*second[^]*third/);
    expect(asked.filter((url) => /[0-9]/.test(url!))).toEqual(["/1", "/2", "/3"]);
    expect(asked.filter((url) => /[b-e]/.test(url!))).toEqual([]);
  });

  it("get no words that are meant for another one", async () => {
    const port = await serve(() => undefined, { ...QUICK, answerTimeout: 5_000 });
    const [broken, slow] = [await connectTo(port), await connectTo(port)];
    broken.send(`${get("/first")}no http\r\n\r\n`);
    slow.send(`${get("/first")}POST /second HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n`);
    expect(await broken.closed).toBe("");
    expect(await slow.closed).toBe("");
  });
});

describe("a path that can be read in two ways", () => {
  const TWO_WAYS = [
    "/./api/v1/repos",
    "/x/../api/health",
    "/%2e/api/health",
    "/x/%2E%2e/api/health",
    "/api/../docs/api",
    "/api/%2e%2e/docs/api",
    "/_next/static/../../docs/api",
    "/%61pi/repos",
    "/api%2Frepos",
    "/acme/%69mport",
    "/_next/data/build/api/repos.json",
    "/_next/image?url=%2Fdocs%2Fapi&w=640&q=75",
    "/\\api/repos",
    "/x\\..\\api\\repos",
    "//api/repos",
    "///api/repos",
    "/docs#/api",
    "http://x/api/repos",
    "api/repos",
  ];

  it.each([
    ["the API's limit", apiRateGate(createRateLimits({ subject: 1, address: 1, failures: 1 }), fail)],
    ["the methods", methodGate(fail)],
    ["the bodies", pageBodyGate(fail)],
    ["the pages", pageGate(() => Promise.reject(new Error("It was passed on.")))],
  ])("does not get as far as %s", async (_gate, gate) => {
    const port = await serve(gate);
    for (const path of TWO_WAYS) {
      for (const method of ["GET", "POST"]) {
        const connection = await connectTo(port);
        connection.send(get(path, "Content-Length: 0", "Connection: close").replace("GET", method));
        const { status, body } = readAnswer(await connection.closed);
        expect([status, body.code], `${method} ${path}`).toEqual([400, "invalid_request"]);
      }
    }
    const all = await connectTo(port);
    all.send(get("*", "Connection: close").replace("GET", "OPTIONS"));
    expect(readAnswer(await all.closed).status).toBe(400);
  });

  it("is none where only a name in it is encoded, or what follows it", async () => {
    const port = await serve(echo);
    for (const path of [
      "/api/repos/team%2Fapp/git-credentials",
      "/api/repos/team%2Fapp%2Ename",
      "/acme/repos/team%2Fapp/settings",
      "/api/v1/repos?q=../%2e%2e//\\",
      "/sign-in?next=%2Facme",
      "/",
    ]) {
      const connection = await connectTo(port);
      connection.send(get(path, "Connection: close"));
      expect(readAnswer(await connection.closed).status, path).toBe(200);
    }
  });

  function fail(): never {
    throw new Error("It was passed on.");
  }
});

describe("whatever is refused at the edge", () => {
  it("has the headers of every answer, is not kept, and is counted where it has a code", async () => {
    const gates = apiRateGate(
      createRateLimits({ subject: 1, address: 1, failures: 1 }),
      methodGate(pageBodyGate(() => undefined)),
    );
    const port = await serve(gates, { ...QUICK, answerTimeout: 1_000 });
    const before = await refusals();
    const asked: readonly (readonly [status: number, code: string | undefined, text: string])[] = [
      [400, "invalid_request", "hello\r\n\r\n"],
      [400, "invalid_request", get("/../api/v1/repos", "Connection: close")],
      [405, undefined, get("/sign-in", "Connection: close").replace("GET", "PUT")],
      [408, "request_timeout", "GET / HTTP/1.1\r\n"],
      [411, undefined, get("/sign-in", "Transfer-Encoding: chunked").replace("GET", "POST")],
      [413, undefined, get("/sign-in", "Content-Length: 70000").replace("GET", "POST")],
      [431, "headers_too_large", get("/", `X-Large: ${"x".repeat(16 * 1024)}`)],
      [503, "busy", get("/api/v1/repos")],
      [503, "busy", get("/", "Expect: nothing-known")],
    ];
    for (const [status, code, text] of asked) {
      const connection = await connectTo(port);
      connection.send(text);
      const raw = (await connection.closed).toLowerCase();
      expect(raw, text).toMatch(new RegExp(`^http/1\\.1 ${status} `));
      for (const [name, value] of Object.entries({ ...answerHeaders(), "cache-control": "no-store" })) {
        expect(raw, text).toContain(`\r\n${name}: ${value.toLowerCase()}\r\n`);
      }
      expect(code === undefined || raw.includes(`"code":"${code}"`), text).toBe(true);
    }
    const after = await refusals();
    const counted = Object.entries(after).map(([code, count]) => [code, count - (before[code] ?? 0)]);
    expect(Object.fromEntries(counted)).toMatchObject({
      busy: 2,
      headers_too_large: 1,
      invalid_request: 2,
      request_timeout: 1,
    });
  });

  async function refusals(): Promise<Record<string, number>> {
    const { values } = await registry.getSingleMetric("latchkey_http_refusals_total")!.get();
    return Object.fromEntries(values.map(({ labels, value }) => [String(labels.code), value]));
  }
});

describe("what is said of a request", () => {
  it("is ours to say: its id and its path are none that a client chose", async () => {
    const port = await serve(({ headers }, response) => void response.end(JSON.stringify(headers)));
    const client = await connectTo(port);
    client.send(
      "GET /api/auth/callback/oidc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" +
        "X-Request-Id: chosen\r\nX-Request-Id: twice\r\nX-Latchkey-Path: /elsewhere\r\nX-Latchkey-Address: 203.0.113.9\r\n\r\n",
    );
    const { body } = readAnswer(await client.closed);
    expect(body["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(body).not.toHaveProperty("x-latchkey-path");
    expect(body["x-latchkey-address"]).toBe("127.0.0.1");
  });
});

describe("connections", () => {
  it("beyond so many of one address are closed, and there is room again when one ends", async () => {
    const port = await serve(echo, { connectionsOfAddress: 2 });
    const [first, second] = [await connectTo(port), await connectTo(port)];
    const third = await connectTo(port);
    third.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(await third.closed).toBe("");
    first.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect(readAnswer(await first.closed).status).toBe(200);
    second.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect(readAnswer(await second.closed).status).toBe(200);
    const fourth = await connectTo(port);
    fourth.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect(readAnswer(await fourth.closed).status).toBe(200);
  });

  it("of a trusted proxy are counted together with all others only", async () => {
    const port = await serve(echo, { connectionsOfAddress: 1, connections: 3 }, ["127.0.0.1"]);
    const all = [await connectTo(port), await connectTo(port), await connectTo(port)];
    const fourth = await connectTo(port);
    fourth.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(await fourth.closed).toBe("");
    for (const each of all) {
      each.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      expect(readAnswer(await each.closed).status).toBe(200);
    }
  });
});

describe("a page's body", () => {
  const post = async (port: number, path: string, headers: string, body: string) => {
    const connection = await connectTo(port);
    connection.send(`POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n\r\n${body}`);
    const raw = await connection.closed;
    return Number(/^HTTP\/1\.1 (\d+)/.exec(raw)?.[1]);
  };

  it("is at most 64 KiB, and says how large it is; the API judges its own", async () => {
    const port = await serve(pageBodyGate(echo));
    const chunked = "1\r\nx\r\n0\r\n\r\n";
    expect(await post(port, "/sign-in", `Content-Length: ${MAX_PAGE_BODY}`, "x".repeat(MAX_PAGE_BODY))).toBe(200);
    expect(await post(port, "/sign-in", `Content-Length: ${MAX_PAGE_BODY + 1}`, "")).toBe(413);
    expect(await post(port, "/sign-in", "Transfer-Encoding: chunked", chunked)).toBe(411);
    expect(await post(port, "/api/v1/repos", "Transfer-Encoding: chunked", chunked)).toBe(200);
    expect(
      await post(port, "/api/v1/repos", `Content-Length: ${MAX_PAGE_BODY + 1}`, "x".repeat(MAX_PAGE_BODY + 1)),
    ).toBe(200);
  });

  it("is larger for the one form that takes a file", async () => {
    const port = await serve(pageBodyGate(echo));
    const size = `Content-Length: ${MAX_IMPORT_BODY}`;
    expect(await post(port, "/acme/import", size, "x".repeat(MAX_IMPORT_BODY))).toBe(200);
    expect(await post(port, "/acme/import?x=1", size, "x".repeat(MAX_IMPORT_BODY))).toBe(200);
    expect(await post(port, "/acme/import", `Content-Length: ${MAX_IMPORT_BODY + 1}`, "")).toBe(413);
    expect(await post(port, "/acme/import/x", size, "")).toBe(413);
    expect(await post(port, "/acme/settings/import", size, "")).toBe(413);
  });
});

describe("the API's requests", () => {
  it("are counted by address: over the limit 429 with the seconds to wait, health checks and pages never", async () => {
    const limits = createRateLimits({ subject: 1, address: 5, failures: 1 });
    const port = await serve(apiRateGate(limits, echo), {}, ["127.0.0.1"]);
    const ask = (path: string, from: string) =>
      fetch(`http://127.0.0.1:${port}${path}`, { headers: { "x-forwarded-for": from } });
    // Two minutes of the clock hold ten at most.
    const answers = await Promise.all(Array.from({ length: 11 }, () => ask("/api/v1/repos", "192.0.2.1")));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      const seconds = Number(answer.headers.get("retry-after"));
      expect(seconds).toBeGreaterThanOrEqual(1);
      expect(seconds).toBeLessThanOrEqual(60);
      expect(answer.headers.get("content-type")).toBe("application/json");
      expect(await answer.json()).toEqual({
        error: `Too many requests came from this address in a minute. Try again in ${seconds} s.`,
        code: "throttled",
        request_id: answer.headers.get("x-request-id"),
      });
    }
    for (const path of ["/api/health", "/api/ready?x", "/acme/repos"]) {
      expect((await ask(path, "192.0.2.1")).status, path).toBe(200);
    }
    expect((await ask("/api/v1/repos", "192.0.2.2")).status).toBe(200);
  });

  it("come from the network of an IPv6 address, whichever address of it they name", async () => {
    const limits = createRateLimits({ subject: 1, address: 5, failures: 1 });
    const port = await serve(apiRateGate(limits, echo), {}, ["127.0.0.1"]);
    const statuses = await Promise.all(
      Array.from({ length: 11 }, async (_, number) => {
        const headers = { "x-forwarded-for": `2001:db8:1:2:${number}::1` };
        return (await fetch(`http://127.0.0.1:${port}/api/v1/repos`, { headers })).status;
      }),
    );
    expect(statuses).toContain(429);
  });
});
