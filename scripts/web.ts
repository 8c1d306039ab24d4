import next from "next";
import { env } from "@/lib/platform/env";
import { keepKeyRing } from "@/lib/platform/keep-key-ring";
import { answerForMetrics } from "@/lib/platform/metrics/process-metrics";
import { rateLimits } from "@/lib/platform/rate-limits";
import { strayOutputToLog } from "@/lib/platform/stray-output";
import { complain } from "@/lib/platform/terminal";
import { apiRateGate } from "./web/api-rate-gate";
import { drainable } from "./web/drain";
import { measured } from "./web/measure-requests";
import { methodGate } from "./web/method-gate";
import { pageBodyGate } from "./web/page-body-gate";
import { pageGate } from "./web/page-gate";
import { refuseUpgrades } from "./web/refuse-upgrades";
import { createWebServer, LIMITS } from "./web/web-server";

/** With the launcher's own work afterwards, a stop takes ten seconds at most. */
const DRAIN_MS = 7_000;

const dev = process.argv.includes("--dev");
const { PORT: port, LATCHKEY_TRUSTED_PROXIES } = env();
if (!dev) strayOutputToLog();
releaseRenderStacks();
const app = next({ dev, port, hostname: "localhost" });
await app.prepare();
const letGoOfKeys = await keepKeyRing("web");
const handle = app.getRequestHandler();
const server = createWebServer(
  measured(apiRateGate(rateLimits(), methodGate(pageBodyGate(pageGate(handle))))),
  LATCHKEY_TRUSTED_PROXIES,
  // Building a page for the first time may take longer.
  dev ? { ...LIMITS, answerTimeout: 600_000, answerEnd: 600_000 } : LIMITS,
);
const drain = drainable(server);
if (dev) {
  const upgrade = app.getUpgradeHandler();
  server.on("upgrade", (...args) => void upgrade(...args));
} else refuseUpgrades(server);
server.on("error", (error: NodeJS.ErrnoException) => {
  complain(
    error.code === "EADDRINUSE"
      ? `Port ${port} is taken. Set PORT to another.`
      : `The server failed: ${error.code ?? error.name}.`,
  );
  process.exit(1);
});
answerForMetrics();
server.listen(port, () => process.send?.("ready"));

process.on("SIGTERM", () => {
  void drain(DRAIN_MS)
    .then(letGoOfKeys)
    .finally(() => process.exit(0));
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
