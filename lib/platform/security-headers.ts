import { env, isDevelopment } from "./env";

/** The headers of every page. Scripts run by nonce only; nothing may frame a page; no address leaks to another site. */
export function securityHeaders(nonce: string): Record<string, string> {
  const dev = isDevelopment();
  const https = env().LATCHKEY_URL.startsWith("https://");
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
  return {
    "content-security-policy": policy.join("; "),
    "cache-control": "private, no-store",
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
