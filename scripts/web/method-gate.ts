import type { RequestListener } from "node:http";
import { refusePage } from "./refusal";

/**
 * Refuses with 405 what Next would answer as if it were a GET, or fail at: pages are read and take forms, files are
 * read. The API's routes refuse by themselves.
 */
export function methodGate(handle: RequestListener): RequestListener {
  return (request, response) => {
    const { method = "", url = "" } = request;
    const allowed = allowedAt(url);
    if (allowed === null || allowed.includes(method)) return handle(request, response);
    const allow = allowed.join(", ");
    refusePage(response, 405, `This address answers ${allow} only.`, { allow });
  };
}

function allowedAt(url: string): readonly string[] | null {
  if (url.startsWith("/api/")) return null;
  return url.startsWith("/_next/") || url === "/icon.svg" ? ["GET", "HEAD"] : ["GET", "HEAD", "POST"];
}
