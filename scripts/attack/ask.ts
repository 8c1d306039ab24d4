import { request, type IncomingHttpHeaders } from "node:http";
import net from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

export interface Question {
  method?: string;
  /** With its query, as it is sent. */
  path: string;
  token?: string;
  headers?: Record<string, string | string[]>;
  /** An object is sent as JSON; text and bytes as they are. */
  body?: object | string | Buffer;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Everything that was ever answered, to be searched for secrets. */
export const heard: string[] = [];

/** For an answer, and for one that is not "later". */
const PATIENCE_MS = 120_000;

/** Asks, without tidying up what is asked. Who is told to come back later does. */
export async function ask(base: string, question: Question): Promise<Answer> {
  const giveUp = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await askOnce(base, question);
    if (answer.status !== 429 || Date.now() > giveUp) return answer;
    await sleep(Number(answer.headers["retry-after"] ?? 1) * 1000);
  }
}

/** The same, where "later" is an answer. */
export async function askOnce(base: string, question: Question): Promise<Answer> {
  const answer = await send(base, question);
  heard.push(JSON.stringify(answer.headers), answer.text);
  return answer;
}

function send(base: string, { method = "GET", path, token, headers, body }: Question): Promise<Answer> {
  const { hostname, port } = new URL(base);
  const bytes = typeof body === "object" && !Buffer.isBuffer(body) ? JSON.stringify(body) : body;
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        method,
        path,
        agent: false,
        timeout: PATIENCE_MS,
        headers: {
          ...(bytes !== undefined && {
            "content-type": "application/json",
            "content-length": String(Buffer.byteLength(bytes)),
          }),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...headers,
        },
      },
      (response) => {
        text(response).then(
          (read) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: read }),
          reject,
        );
      },
    );
    sent.once("error", reject);
    sent.once("timeout", () => sent.destroy(new Error("no answer came")));
    sent.end(bytes);
  });
}

/** Status and code of an answer of the API; a refusal that is not in the documented form says so. */
export function summary({ status, headers, text: body }: Answer): string {
  if (status < 400) return String(status);
  const { error, code, request_id: id } = json(body);
  const wellFormed =
    typeof error === "string" &&
    typeof code === "string" &&
    id === headers["x-request-id"] &&
    !/\n\s+at |prisma/i.test(error);
  return wellFormed ? `${status} ${code}` : `${status} in no documented form: ${body.slice(0, 200)}`;
}

function json(body: string): Record<string, unknown> {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return {};
  }
}

const STILL_OPEN = "still open";

/**
 * Writes bytes to a connection of their own and returns what comes back, until its head is whole or it ends; "still open"
 * where neither happens in time.
 */
export function askRaw(base: string, bytes: string | Buffer, { untilMs = 30_000 } = {}): Promise<string> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve) => {
    const socket = net.connect(Number(port), hostname);
    let received = "";
    const late = setTimeout(() => {
      received = STILL_OPEN;
      socket.destroy();
    }, untilMs);
    const end = () => {
      clearTimeout(late);
      heard.push(received);
      resolve(received);
    };
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (received.includes("\r\n\r\n")) socket.destroy();
    });
    socket.once("error", end);
    socket.once("close", end);
    socket.write(bytes);
  });
}

/** The status line's number; "nothing" where the connection was ended without an answer, or that it is still open. */
export function rawStatus(received: string): string {
  if (received === STILL_OPEN) return received;
  return /^HTTP\/1\.1 (\d{3})/.exec(received)?.[1] ?? "nothing";
}
