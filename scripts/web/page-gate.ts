import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import pLimit, { type LimitFunction } from "p-limit";
import { refusePage } from "./refusal";
import { wholeBody } from "./whole-body";

/** A page takes up to a MB while it is made: more at once would not be faster, and would not fit the heap. */
export const PAGES_AT_ONCE = 64;
export const PAGES_WAITING = 400;
/** A form's answer is a page, and often waits for another host first. Apart, so that pages do not wait for that too. */
export const FORMS_AT_ONCE = 32;
export const FORMS_WAITING = 200;

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Hands requests on to `handle`. Of pages, `PAGES_AT_ONCE` are made at once and `PAGES_WAITING` wait; the ones after
 * those are refused with 503 and a `Retry-After`. So are forms, by their own numbers, once they are here. Nothing else
 * waits.
 */
export function pageGate(handle: Handle): RequestListener {
  const pages = pLimit(PAGES_AT_ONCE);
  const forms = pLimit(FORMS_AT_ONCE);
  const enter = (limit: LimitFunction, waiting: number, request: IncomingMessage, response: ServerResponse) => {
    if (limit.pendingCount >= waiting) return refusePage(response, 503, "Busy. Try again.", { "retry-after": "5" });
    void limit(async () => {
      // Who went away while it waited needs no page.
      if (!response.destroyed) await handle(request, response);
    });
  };
  return (request, response) => {
    if (!isPage(request.url ?? "")) void handle(request, response);
    else if (request.method !== "POST") enter(pages, PAGES_WAITING, request, response);
    else void wholeBody(request).then(() => enter(forms, FORMS_WAITING, request, response));
  };
}

/** What React renders. The API, the files of the build and those that members save cost little, or may take long. */
function isPage(url: string): boolean {
  if (url.startsWith("/api/") || url.startsWith("/_next/static/")) return false;
  return !/^\/[a-z0-9-]+\/(settings\/audit\/)?export(\?|$)/.test(url);
}
