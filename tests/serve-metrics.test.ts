import { spawn } from "node:child_process";
import { expect, it, onTestFinished } from "vitest";
import { serveMetrics } from "@/scripts/launch/serve-metrics";
import { freePort } from "@/scripts/start-latchkey";
import { useDatabase } from "./support/database";
import { connectTo, readAnswer } from "./support/raw-http";

const database = useDatabase();

/** Serves the metrics of a process that answers so when it is asked; returns the port. */
async function serve(answer: string): Promise<number> {
  const script = `process.on("message", () => process.send(${answer}))`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  onTestFinished(() => void child.kill());
  const port = await freePort();
  const stop = await serveMetrics({ host: "127.0.0.1", port }, database.url, { child });
  onTestFinished(stop);
  return port;
}

it("says 500 where a process tells nonsense, and goes on", async () => {
  const url = `http://127.0.0.1:${await serve("{ metrics: 1 }")}/metrics`;
  for (const status of [500, 500]) expect((await fetch(url)).status).toBe(status);
});

it("holds to the limits of the web server", async () => {
  const port = await serve("{ metrics: [] }");
  const large = await connectTo(port);
  large.send(`GET /metrics HTTP/1.1\r\nHost: x\r\nX-Large: ${"x".repeat(16 * 1024)}\r\n\r\n`);
  expect(readAnswer(await large.closed)).toMatchObject({ status: 431, body: { code: "headers_too_large" } });
  const scraped = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(await scraped.text()).toContain('latchkey_process_up{process="child"} 1');
});
