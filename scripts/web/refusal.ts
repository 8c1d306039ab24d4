import { randomUUID } from "node:crypto";
import { STATUS_CODES, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { Counter } from "prom-client";
import { ERROR_STATUS, type ErrorCode } from "@/lib/contract/errors";
import { log } from "@/lib/platform/log";
import { registry } from "@/lib/platform/metrics/process-metrics";
import { answerHeaders } from "@/lib/platform/security-headers";

export interface Refusal {
  code: ErrorCode;
  message: string;
  /** Seconds. */
  retryAfter?: number;
  /** The methods that are answered, where it is the method that is refused. */
  allow?: string;
}

const refusals = new Counter({
  name: "latchkey_http_refusals_total",
  help: "Requests that were refused before any route, by the code of the answer.",
  labelNames: ["code"],
  registers: [registry],
});

/** Answers with the API's error object, before any route has seen the request. */
export function refuse(response: ServerResponse, refusal: Refusal): void {
  const { status, headers, body } = compose(refusal);
  response.writeHead(status, headers).end(body);
}

/** The same on a connection where no response is to be had: for a request that was never whole, or never answered. */
export function refuseConnection(connection: Duplex, refusal: Refusal): void {
  if (!connection.writable) return void connection.destroy();
  const { status, headers, body } = compose(refusal);
  const lines = Object.entries({ ...answerHeaders(), ...headers, connection: "close" }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  connection.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`, () =>
    connection.destroy(),
  );
}

/** Refuses in plain words what is asked of a page, by a browser. */
export function refusePage(
  response: ServerResponse,
  status: number,
  sentence: string,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { "content-type": "text/plain", "cache-control": "no-store", ...headers })
    .end(`${sentence}\n`);
}

/** Every one of them leaves a line in the log, under the id that its reader can quote. */
function compose({ code, message, retryAfter, allow }: Refusal) {
  const requestId = randomUUID();
  const status = ERROR_STATUS[code];
  refusals.inc({ code });
  log.info({ request_id: requestId, outcome: code, status }, "refused before any route");
  const body = JSON.stringify({ error: message, code, request_id: requestId });
  const headers = {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    "cache-control": "no-store",
    "x-request-id": requestId,
    ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
    ...(allow !== undefined && { allow }),
  };
  return { status, headers, body };
}
