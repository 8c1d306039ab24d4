import { env, isDevelopment } from "./env";

/** The headers of every answer there is. What may run is nothing, until a page says otherwise. */
export function answerHeaders(): Record<string, string> {
  const https = env().LATCHKEY_URL.startsWith("https://");
  return {
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    // Nothing to other sites. Under "no-referrer" a form that is sent before JavaScript says Origin: null, which Next refuses.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    ...(https && { "strict-transport-security": "max-age=31536000; includeSubDomains" }),
  };
}

/** What a page's headers say besides: scripts run by nonce only, and nothing is kept. */
export function pageHeaders(nonce: string): { "content-security-policy": string; "cache-control": string } {
  const dev = isDevelopment();
  const policy = [
    "default-src 'none'",
    // React's development build evaluates code to show stacks.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ""}`,
    `style-src 'self' ${dev ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${dev ? " ws:" : ""}`,
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ];
  return { "content-security-policy": policy.join("; "), "cache-control": "private, no-store" };
}
