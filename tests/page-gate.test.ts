import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished, test } from "vitest";
import { FORMS, PAGES, pageGate } from "@/scripts/web/page-gate";
import { connectTo, listening, readAnswer } from "./support/raw-http";

const EXTRA = 10;

/** Makes no page before it is told to, and files at once. */
async function holdingPages() {
  const held: { request: IncomingMessage; response: ServerResponse; release: () => void }[] = [];
  const made: (string | undefined)[] = [];
  let most = 0;
  let running = 0;
  const server = createServer(
    pageGate(async (request, response) => {
      if (/^\/(api|_next\/static)\//.test(request.url ?? "") || request.url === "/acme/export") {
        return void response.end("file");
      }
      made.push(request.url);
      most = Math.max(most, ++running);
      await new Promise<void>((release) => held.push({ request, response, release }));
      running--;
    }),
  );
  const port = await listening(server);
  const address = `http://127.0.0.1:${port}`;
  const letAllGo = () => {
    const letGo = setInterval(() => {
      for (const { response, release } of held.splice(0)) {
        response.end();
        release();
      }
    }, 1);
    onTestFinished(() => clearInterval(letGo));
  };
  return { server, port, address, held, made, letAllGo, most: () => most };
}

/** Asks for more pages than there may be, and resolves once those beyond are refused. */
async function flood(address: string, init: (index: number) => RequestInit, within: number) {
  const refused: Response[] = [];
  let enoughRefused!: () => void;
  const allRefused = new Promise<void>((resolve) => (enoughRefused = resolve));
  const pages = Array.from({ length: within + EXTRA }, async (_, index) => {
    const response = await fetch(`${address}/sign-in`, init(index));
    if (response.status === 503 && refused.push(response) === EXTRA) enoughRefused();
    return response.status;
  });
  await allRefused;
  return { refused, statuses: Promise.all(pages) };
}

describe.each([
  {
    what: "pages and heads of pages",
    init: (index: number) => ({ method: index % 2 ? "GET" : "HEAD" }),
    places: PAGES,
  },
  { what: "forms", init: () => ({ method: "POST", body: "x=y" }), places: FORMS },
])("$what", ({ init, places: { atOnce, ofAddress, waiting } }) => {
  it("beyond the limits of an address are refused, the ones that wait are made, and files never wait", async () => {
    const { address, held, letAllGo, most } = await holdingPages();
    const { refused, statuses } = await flood(address, init, ofAddress + waiting);
    for (const { headers } of refused) {
      expect([headers.get("retry-after"), headers.get("cache-control")]).toEqual(["5", "no-store"]);
    }
    expect(held).toHaveLength(ofAddress);
    for (const path of ["/api/health", "/_next/static/x.js"]) {
      expect(await (await fetch(address + path)).text(), path).toBe("file");
    }
    expect(await (await fetch(`${address}/acme/export`, { method: "POST", body: "x=y" })).text()).toBe("file");
    const others = Array.from({ length: atOnce }, (_, index) =>
      fetch(`${address}/sign-in`, { ...init(index), headers: { "x-latchkey-address": "192.0.2.2" } }),
    );
    await expect.poll(() => held.length).toBe(atOnce);
    letAllGo();
    expect((await statuses).filter((status) => status === 200)).toHaveLength(ofAddress + waiting);
    for (const { status } of await Promise.all(others)) expect(status).toBe(200);
    expect(most()).toBe(atOnce);
  });
});

test("a form does not wait for pages", async () => {
  const { address, held } = await holdingPages();
  const isHeld = (method: string) => held.some(({ request }) => request.method === method);
  void (await flood(address, () => ({}), PAGES.ofAddress + PAGES.waiting)).statuses.catch(() => undefined);
  void fetch(`${address}/sign-in`, { method: "POST", body: "x=y" }).catch(() => undefined);
  await expect.poll(() => isHeld("POST")).toBe(true);
});

test("a form that is slow to come holds no place, and is whole once it has one", async () => {
  const { port, held } = await holdingPages();
  const head = "POST /sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 50000\r\n\r\n";
  const slow = await Promise.all(Array.from({ length: FORMS.ofAddress }, () => connectTo(port)));
  for (const each of slow) each.send(`${head}begun`);
  const quick = await connectTo(port);
  quick.send(`${head}${"x".repeat(50_000)}`);
  await expect.poll(() => held.length).toBe(1);
  const [{ request, response, release }] = held as [(typeof held)[number]];
  response.end(JSON.stringify({ size: (await text(request)).length }));
  release();
  expect(readAnswer(await quick.closed)).toMatchObject({ status: 200, body: { size: 50_000 } });
});

test("nothing is made for who went away while it waited", async () => {
  const { address, server, held, made, letAllGo } = await holdingPages();
  const others = Array.from({ length: PAGES.ofAddress }, () => fetch(`${address}/sign-in`));
  await expect.poll(() => held.length).toBe(PAGES.ofAddress);
  const leaving = new AbortController();
  const gone = new Promise<void>((resolve) => {
    server.once("request", ({ socket }: IncomingMessage) => {
      socket.once("close", resolve);
      leaving.abort();
    });
  });
  await Promise.all([gone, expect(fetch(`${address}/gone`, { signal: leaving.signal })).rejects.toThrow()]);
  letAllGo();
  await Promise.all([...others, fetch(`${address}/last`)]);
  expect(made).toContain("/last");
  expect(made).not.toContain("/gone");
});
