import { randomBytes, randomUUID } from "node:crypto";
import { NextResponse, type NextRequest } from "next/server";
import { pageHeaders } from "@/lib/platform/security-headers";

/**
 * Runs before every page: gives the request its id, its path and a nonce, and the answer the headers of a page. A form
 * that another site's page sends is refused here, whatever would answer it.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = randomBytes(16).toString("base64");
  const answerHeaders = pageHeaders(nonce);
  if (!["GET", "HEAD"].includes(request.method) && isForeign(request.headers)) {
    const refusal = "This form was sent by another site's page, so it was refused.";
    return new NextResponse(refusal, { status: 403, headers: answerHeaders });
  }
  const headers = new Headers(request.headers);
  headers.set("x-request-id", randomUUID());
  headers.set("x-latchkey-path", request.nextUrl.pathname + request.nextUrl.search);
  // Next reads the nonce for its own scripts from here.
  headers.set("content-security-policy", answerHeaders["content-security-policy"]);
  const response = NextResponse.next({ request: { headers } });
  for (const [name, value] of Object.entries(answerHeaders)) response.headers.set(name, value);
  response.headers.set("x-request-id", headers.get("x-request-id")!);
  return response;
}

/** Whether a browser says that another site's page is behind this; older browsers say where a form comes from only. */
function isForeign(headers: Headers): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site !== "same-origin" && site !== "none";
  const origin = headers.get("origin");
  return origin !== null && (!URL.canParse(origin) || new URL(origin).host !== headers.get("host"));
}

// The bearer API stays outside: a matched route takes nearly three times as long, and large bodies are cut.
export const config = { matcher: "/((?!api/|_next/static/|icon.svg).*)" };
