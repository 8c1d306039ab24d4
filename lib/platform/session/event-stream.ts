import "server-only";
import { Readable } from "node:stream";
import { DomainError } from "@/lib/domain/errors";

/** Each asks the database four times a second, so there cannot be many; pages go on without them. */
export const MAX_STREAMS = 100;
/** As many tabs as one browser can hold open and still load pages. */
export const MAX_STREAMS_OF_USER = 5;
/** The browser connects anew after this. */
export const MAX_MS = 5 * 60 * 1000;

/** The open streams, and whose they are. */
const open = new Map<AbortController, string>();
process.once("SIGTERM", () => {
  for (const stream of open.keys()) stream.abort();
});

/**
 * An answer of server-sent events, one for each value. Its signal aborts when the browser goes away, after five minutes,
 * and when the server is stopped. Throws `busy` where too many are open, all in all or of the user.
 */
export async function eventStream<T>(
  request: Request,
  userId: string,
  values: (signal: AbortSignal) => Promise<AsyncGenerator<T>>,
): Promise<Response> {
  const theirs = [...open.values()].filter((one) => one === userId).length;
  if (open.size >= MAX_STREAMS || theirs >= MAX_STREAMS_OF_USER) {
    throw new DomainError("busy", "Too many pages are watching pulls just now. Reload the page to see how it ended.", {
      retryAfter: 5,
    });
  }
  const stopping = new AbortController();
  open.set(stopping, userId);
  const timer = setTimeout(() => stopping.abort(), MAX_MS);
  const end = () => {
    clearTimeout(timer);
    open.delete(stopping);
    stopping.abort();
  };
  request.signal.addEventListener("abort", end, { once: true });
  try {
    const lines = encode(await values(stopping.signal), end);
    return new Response(Readable.toWeb(Readable.from(lines)) as ReadableStream<Uint8Array<ArrayBuffer>>, {
      headers: {
        "content-type": "text/event-stream",
        // Without "no-transform" what compresses answers would hold events back.
        "cache-control": "no-store, no-transform",
        "x-accel-buffering": "no",
        "x-content-type-options": "nosniff",
      },
    });
  } catch (error) {
    end();
    throw error;
  }
}

async function* encode<T>(values: AsyncGenerator<T>, end: () => void): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  try {
    for await (const value of values) yield encoder.encode(`data: ${JSON.stringify(value)}\n\n`);
  } finally {
    end();
  }
}
