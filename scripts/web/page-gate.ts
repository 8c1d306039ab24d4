import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { addressBlock } from "@/lib/platform/address-block";
import { placesFor, type Places } from "./places";
import { refusePage } from "./refusal";
import { wholeBody } from "./whole-body";

/**
 * A page takes up to a MB while it is made: more at once would not be faster, and would not fit the heap. No address has
 * all places: whoever asks and does not read holds them for a while.
 */
export const PAGES: Places = { atOnce: 64, ofAddress: 48, waiting: 400 };
/** A form's answer is a page, and often waits for another host first. Apart, so that pages do not wait for that too. */
export const FORMS: Places = { atOnce: 32, ofAddress: 24, waiting: 200 };

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Hands requests on to `handle`: pages as there are places for them, forms, too, once they are here, and everything else
 * at once. Those after the ones that may wait are refused with 503 and a `Retry-After`.
 */
export function pageGate(handle: Handle): RequestListener {
  const [pages, forms] = [placesFor(PAGES), placesFor(FORMS)];
  const enter = (places: typeof pages, request: IncomingMessage, response: ServerResponse) => {
    const entered = places(addressBlock(String(request.headers["x-latchkey-address"])), async () => {
      // Who went away while it waited needs no page.
      if (!response.destroyed) await handle(request, response);
    });
    if (!entered) refusePage(response, 503, "Busy. Try again.", { "retry-after": "5" });
  };
  return (request, response) => {
    if (!isPage(request.url ?? "")) void handle(request, response);
    else if (request.method !== "POST") enter(pages, request, response);
    else void wholeBody(request).then(() => enter(forms, request, response));
  };
}

/** What React renders. The API, the files of the build and those that members save cost little, or may take long. */
function isPage(url: string): boolean {
  if (url.startsWith("/api/") || url.startsWith("/_next/static/")) return false;
  return !/^\/[a-z0-9-]+\/(settings\/audit\/)?export(\?|$)/.test(url);
}
