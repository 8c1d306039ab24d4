import type { RequestListener } from "node:http";
import { MAX_IMPORT_BYTES } from "@/lib/contract/imports";
import { refusePage } from "./refusal";

/** A form's size, with all that Next adds to it. */
export const MAX_PAGE_BODY = 64 * 1024;
/** That of the one form that takes a file: what it may hold, and as much again as a form's. */
export const MAX_IMPORT_BODY = MAX_IMPORT_BYTES + MAX_PAGE_BODY;

/** The connection ends with the answer, so that the rest of the body is not read. */
const ENDING = { connection: "close" };

/**
 * Refuses what is too large for a form of a page, with 413, and what does not say how large it is, with 411: Next would
 * hold 10 MB of each in memory. The API reads its bodies itself, after it knows who sends them.
 */
export function pageBodyGate(pass: RequestListener): RequestListener {
  return (request, response) => {
    const { "content-length": length = 0, "transfer-encoding": encoding } = request.headers;
    const limit = /^\/[a-z0-9-]+\/import(\?|$)/.test(request.url ?? "") ? MAX_IMPORT_BODY : MAX_PAGE_BODY;
    if (request.url?.startsWith("/api/")) pass(request, response);
    else if (encoding !== undefined) refusePage(response, 411, "Say the body's size: send Content-Length.", ENDING);
    else if (Number(length) > limit) refusePage(response, 413, `The form is larger than ${limit / 1024} KiB.`, ENDING);
    else pass(request, response);
  };
}
