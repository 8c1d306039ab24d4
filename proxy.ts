import { randomBytes, randomUUID } from "node:crypto";
import { NextResponse, type NextRequest } from "next/server";
import { securityHeaders } from "@/lib/platform/security-headers";

/**
 * Runs before every page: gives the request its id, its path and a nonce, and the answer its security headers. A form
 * that another site's page sends is refused here, whatever would answer it.
 */
export function proxy(request: NextRequest): NextResponse {
  const from = request.headers.get("sec-fetch-site");
  if (!["GET", "HEAD"].includes(request.method) && from !== null && from !== "same-origin" && from !== "none") {
    return new NextResponse("This form was sent by another site's page, so it was refused.", { status: 403 });
  }
  const nonce = randomBytes(16).toString("base64");
  const answerHeaders = securityHeaders(nonce);
  const headers = new Headers(request.headers);
  headers.set("x-request-id", randomUUID());
  headers.set("x-latchkey-path", request.nextUrl.pathname + request.nextUrl.search);
  // Next reads the nonce for its own scripts from here.
  headers.set("content-security-policy", answerHeaders["content-security-policy"]!);
  const response = NextResponse.next({ request: { headers } });
  for (const [name, value] of Object.entries(answerHeaders)) response.headers.set(name, value);
  response.headers.set("x-request-id", headers.get("x-request-id")!);
  return response;
}

// The bearer API stays outside: a matched route takes nearly three times as long, and large bodies are cut.
export const config = { matcher: "/((?!api/|_next/static/|icon.svg).*)" };
