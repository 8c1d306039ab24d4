import type { Server } from "node:http";

/**
 * Prepares a server for its end. The function returned takes no more connections and lets the requests that run end,
 * for so long at most; what is still open then is cut.
 */
export function drainable(server: Server): (ms: number) => Promise<void> {
  // Node closes idle connections once; one that browsers or proxies keep for a next request would hold the end up.
  server.on("request", (_request, response) => {
    response.once("close", () => {
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
  });
  return (ms) =>
    new Promise((resolve) => {
      const timer = setTimeout(() => server.closeAllConnections(), ms);
      server.close(() => {
        clearTimeout(timer);
        resolve();
      });
    });
}
