import type { RequestListener, ServerResponse } from "node:http";

/** A form's size, with all that Next adds to it. */
export const MAX_PAGE_BODY = 64 * 1024;

/**
 * Refuses what is too large for a form of a page, with 413, and what does not say how large it is, with 411: Next would
 * hold 10 MB of each in memory. The API reads its bodies itself, after it knows who sends them.
 */
export function pageBodyGate(pass: RequestListener): RequestListener {
  return (request, response) => {
    const { "content-length": length = 0, "transfer-encoding": encoding } = request.headers;
    if (request.url?.startsWith("/api/")) pass(request, response);
    else if (encoding !== undefined) refuse(response, 411, "Say the body's size: send Content-Length.\n");
    else if (Number(length) > MAX_PAGE_BODY) refuse(response, 413, "The form is larger than 64 KiB.\n");
    else pass(request, response);
  };
}

/** The connection ends with it, so that the rest of the body is not read. */
function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain", connection: "close" }).end(text);
}
