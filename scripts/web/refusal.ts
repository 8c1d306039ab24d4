import { randomUUID } from "node:crypto";
import { STATUS_CODES, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { ERROR_STATUS, type ErrorCode } from "@/lib/contract/errors";

export interface Refusal {
  code: ErrorCode;
  message: string;
  /** Seconds. */
  retryAfter?: number;
}

/** Answers with the API's error object, before any route has seen the request. */
export function refuse(response: ServerResponse, refusal: Refusal): void {
  const { status, headers, body } = compose(refusal);
  response.writeHead(status, headers).end(body);
}

/** The same on a connection where no response is to be had: for a request that was never whole, or never answered. */
export function refuseConnection(connection: Duplex, refusal: Refusal): void {
  if (!connection.writable) return void connection.destroy();
  const { status, headers, body } = compose(refusal);
  const lines = Object.entries({ ...headers, connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
  connection.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`, () =>
    connection.destroy(),
  );
}

function compose({ code, message, retryAfter }: Refusal) {
  const requestId = randomUUID();
  const body = JSON.stringify({ error: message, code, request_id: requestId });
  const headers = {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    "cache-control": "no-store",
    "x-request-id": requestId,
    ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
  };
  return { status: ERROR_STATUS[code], headers, body };
}
