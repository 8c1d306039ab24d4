import type { RequestListener } from "node:http";
import { describe, expect, it } from "vitest";
import { createRateLimits } from "@/lib/platform/rate-limits";
import { apiRateGate } from "@/scripts/web/api-rate-gate";
import { MAX_IMPORT_BODY, MAX_PAGE_BODY, pageBodyGate } from "@/scripts/web/page-body-gate";
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
