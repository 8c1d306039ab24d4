import { randomUUID } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import { log } from "@/lib/platform/log";
import { answerHeaders } from "@/lib/platform/security-headers";
import { answerDeadline } from "./answer-deadline";
import { answerBrokenRequests } from "./broken-requests";
import { clientAddress, trustedAddress } from "./client-address";
import { limitConnections } from "./connection-limit";
import { inTurn } from "./in-turn";
import { plainPaths } from "./plain-path";
import { noticeUntrustedProxy } from "./untrusted-proxy";

/** Times in milliseconds. */
export const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  /** How often the two above are looked at: without it, every 30 seconds. */
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16 * 1024,
  answerTimeout: 60_000,
  unreadTimeout: 60_000,
  answerEnd: 180_000,
  /** Requests of one connection that wait for the answer before theirs. */
  pipelined: 16,
  connections: 2_000,
  /** From one address, unless it is a trusted proxy's. */
  connectionsOfAddress: 1_000,
};

/**
 * A server with time-outs and limits on what comes in, none of which Next has a setting for. `pass` gets what is within
 * them, with the client's address in `x-latchkey-address` and an id in `x-request-id`.
 */
export function createWebServer(
  pass: RequestListener,
  trustedProxies: readonly string[],
  { answerTimeout, unreadTimeout, answerEnd, pipelined, connections, connectionsOfAddress, ...limits } = LIMITS,
): Server {
  const addressOf = clientAddress(trustedProxies);
  const trusted = trustedAddress(trustedProxies);
  const lookForProxy = noticeUntrustedProxy(trusted, (address) =>
    log.warn(
      { address },
      "sends X-Forwarded-For and is not in LATCHKEY_TRUSTED_PROXIES: all behind it are one address",
    ),
  );
  const headers = Object.entries(answerHeaders());
  const times = { answerTimeout, unreadTimeout, answerEnd };
  const oneByOne = inTurn(
    pipelined,
    answerDeadline(
      times,
      plainPaths((request, response) => {
        // Ours alone to say: what a client sends under these names is overwritten. The path is the proxy file's, for pages.
        request.headers["x-latchkey-address"] = addressOf(request);
        request.headers["x-request-id"] = randomUUID();
        delete request.headers["x-latchkey-path"];
        lookForProxy(request);
        pass(request, response);
      }),
    ),
  );
  const server = createServer(limits, (request, response) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    oneByOne(request, response);
  });
  // An expectation that nobody knows is passed over. Node would answer 417, without these headers.
  server.on("checkExpectation", (request, response) => void server.emit("request", request, response));
  server.maxConnections = connections;
  limitConnections(server, connectionsOfAddress, trusted);
  answerBrokenRequests(server);
  return server;
}
