import next from "next";
import { env } from "@/lib/platform/env";
import { keepKeyRing } from "@/lib/platform/keep-key-ring";
import { rateLimits } from "@/lib/platform/rate-limits";
import { apiRateGate } from "./web/api-rate-gate";
import { pageBodyGate } from "./web/page-body-gate";
import { pageGate } from "./web/page-gate";
import { createWebServer, LIMITS } from "./web/web-server";

const DRAIN_MS = 10_000;

const dev = process.argv.includes("--dev");
const { PORT: port, LATCHKEY_TRUSTED_PROXIES } = env();
releaseRenderStacks();
const app = next({ dev, port, hostname: "localhost" });
await app.prepare();
const letGoOfKeys = await keepKeyRing("web");
const handle = app.getRequestHandler();
const server = createWebServer(
  apiRateGate(rateLimits(), pageBodyGate(pageGate(handle))),
  LATCHKEY_TRUSTED_PROXIES,
  // Building a page for the first time may take longer.
  dev ? { ...LIMITS, answerTimeout: 600_000 } : LIMITS,
);
if (dev) {
  const upgrade = app.getUpgradeHandler();
  server.on("upgrade", (...args) => void upgrade(...args));
}
server.on("error", (error: NodeJS.ErrnoException) => {
  console.error(
    error.code === "EADDRINUSE"
      ? `Port ${port} is taken. Set PORT to another.`
      : `The server failed: ${error.code ?? error.name}.`,
  );
  process.exit(1);
});
server.listen(port, () => process.send?.("ready"));

process.on("SIGTERM", () => {
  server.close(() => void letGoOfKeys().finally(() => process.exit(0)));
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), DRAIN_MS).unref();
});
// Orphaned by a killed launcher: end too, so that nothing serves a data folder that nobody holds.
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));

/**
 * React ends every render by aborting a signal with an Error whose stack V8 keeps unformatted: that holds the timer which
 * ran it, the next timers in its queue, and so every later request, until no request is left
 * (github.com/react/react/pull/37289; measured here: 0.5 MB a page under steady load). Asking for the stack formats it.
 */
function releaseRenderStacks(): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its own `this` below
  const { abort } = AbortController.prototype;
  AbortController.prototype.abort = function (this: AbortController, reason?: unknown) {
    if (reason instanceof Error) void reason.stack;
    abort.call(this, reason);
  };
}
