import type { Server } from "node:http";
import { refuseConnection } from "./refusal";

/**
 * Answers 400 to a request for another protocol, and ends its connection: Next listens for such requests too, answers none
 * of them in production, and would have them hold their connections for ever.
 */
export function refuseUpgrades(server: Server): void {
  server.on("upgrade", (_request, connection) => {
    refuseConnection(connection, { code: "invalid_request", message: "This server speaks HTTP/1.1 only." });
  });
}
