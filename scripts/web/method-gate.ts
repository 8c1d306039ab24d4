import type { RequestListener } from "node:http";
import { refuse, refusePage } from "./refusal";

const PAGE = ["GET", "HEAD", "POST"];
const FILE = ["GET", "HEAD"];
const API = ["GET", "HEAD", "POST", "PUT", "DELETE"];
/** No route of the API answers these, and each says by itself what it does answer. */
const REFUSED_BY_ROUTES = ["PATCH", "OPTIONS"];

/**
 * Refuses with 405 what Next would answer as if it were a GET, with an empty 400, or fail at: pages are read and take
 * forms, files are read. The API's routes refuse by themselves, but for the methods that Next does not hand to them.
 */
export function methodGate(handle: RequestListener): RequestListener {
  return (request, response) => {
    const { method = "", url = "" } = request;
    const isApi = url.startsWith("/api/");
    const allowed = isApi ? API : url.startsWith("/_next/") || url === "/icon.svg" ? FILE : PAGE;
    if (allowed.includes(method) || (isApi && REFUSED_BY_ROUTES.includes(method))) return handle(request, response);
    const allow = allowed.join(", ");
    const message = `${isApi ? "The API" : "This address"} answers ${allow} only.`;
    if (isApi) refuse(response, { code: "method_not_allowed", message, allow });
    else refusePage(response, 405, message, { allow });
  };
}
