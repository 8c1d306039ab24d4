import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import pLimit from "p-limit";

/** A page takes up to a MB while it is made: more at once would not be faster, and would not fit the heap. */
export const PAGES_AT_ONCE = 64;
export const PAGES_WAITING = 400;

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Hands requests on to `handle`. Of pages, `PAGES_AT_ONCE` are made at once and `PAGES_WAITING` wait; the ones after
 * those are refused with 503 and a `Retry-After`. Nothing else waits.
 */
export function pageGate(handle: Handle): RequestListener {
  const pages = pLimit(PAGES_AT_ONCE);
  return (request, response) => {
    if (!isPage(request)) void handle(request, response);
    else if (pages.pendingCount < PAGES_WAITING) void pages(() => handle(request, response));
    else response.writeHead(503, { "retry-after": "5", "content-type": "text/plain" }).end("Busy. Try again.\n");
  };
}

/** What React renders: the API and the files of the build cost little, and a body may be slow to come. */
function isPage({ method, url = "" }: IncomingMessage): boolean {
  return method === "GET" && !url.startsWith("/api/") && !url.startsWith("/_next/");
}
