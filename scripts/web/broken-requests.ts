import type { Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { refuseConnection, type Refusal } from "./refusal";

/** Answers, as the API's errors are answered, what never becomes a request: too slow, too large a head, no HTTP. */
export function answerBrokenRequests(server: Server): void {
  const latest = new WeakMap<Duplex, ServerResponse>();
  server.on("request", (request, response) => latest.set(request.socket, response));
  server.on("clientError", (error: NodeJS.ErrnoException, connection) => {
    if (error.code === "ECONNRESET" || !isFree(latest.get(connection))) connection.destroy();
    else refuseConnection(connection, refusalOf(error.code));
  });
}

/**
 * Whether the next words on a connection are taken for an answer to what is broken: not while one is due to a request
 * before it, or has begun.
 */
function isFree(answer: ServerResponse | undefined): boolean {
  if (answer === undefined || answer.writableFinished) return true;
  return !answer.req.complete && answer.socket !== null && !answer.headersSent;
}

function refusalOf(code = ""): Refusal {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return { code: "request_timeout", message: "The request took too long to arrive." };
    case "HPE_HEADER_OVERFLOW":
      return { code: "headers_too_large", message: "The request's address and headers are larger than 16 KiB." };
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return { code: "body_too_large", message: "The body's chunks say more about themselves than they may." };
    default:
      return { code: "invalid_request", message: "This is not a valid HTTP request." };
  }
}
