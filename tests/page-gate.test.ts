import { createServer, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { PAGES_AT_ONCE, PAGES_WAITING, pageGate } from "@/scripts/web/page-gate";

const EXTRA = 10;

test("pages beyond the limits are refused, the ones that wait are made, and the API never waits", async () => {
  const held: { response: ServerResponse; release: () => void }[] = [];
  let most = 0;
  let running = 0;
  const server = createServer(
    pageGate(async (request, response) => {
      if (request.url?.startsWith("/api/")) return void response.end("api");
      most = Math.max(most, ++running);
      await new Promise<void>((release) => held.push({ response, release }));
      running--;
    }),
  ).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const refused: (string | null)[] = [];
  let enoughRefused!: () => void;
  const tenRefused = new Promise<void>((resolve) => (enoughRefused = resolve));
  const pages = Array.from({ length: PAGES_AT_ONCE + PAGES_WAITING + EXTRA }, async () => {
    const response = await fetch(`${address}/sign-in`);
    if (response.status === 503 && refused.push(response.headers.get("retry-after")) === EXTRA) enoughRefused();
    return response.status;
  });
  await tenRefused;
  expect(refused).toEqual(Array.from({ length: EXTRA }, () => "5"));
  expect(held).toHaveLength(PAGES_AT_ONCE);
  expect(await (await fetch(`${address}/api/health`)).text()).toBe("api");

  const letGo = setInterval(() => {
    for (const { response, release } of held.splice(0)) {
      response.end();
      release();
    }
  }, 1);
  onTestFinished(() => clearInterval(letGo));
  const answers = await Promise.all(pages);
  expect(answers.filter((status) => status === 200)).toHaveLength(PAGES_AT_ONCE + PAGES_WAITING);
  expect(most).toBe(PAGES_AT_ONCE);
});
