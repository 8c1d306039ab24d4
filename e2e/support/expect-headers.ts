import { expect, type APIResponse } from "@playwright/test";

/** Checks the headers that every answer has, whatever it is; those of a page say what may run on it besides. */
export function expectHeaders(answer: APIResponse, kind: "page" | "other"): void {
  const headers = answer.headers();
  expect(headers, answer.url()).toMatchObject({
    "content-security-policy": expect.stringContaining("frame-ancestors 'none'"),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": expect.any(String),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  });
  expect(headers["x-powered-by"], answer.url()).toBeUndefined();
  const policy = headers["content-security-policy"];
  expect(policy, answer.url()).toMatch(/^default-src 'none';/);
  expect(policy, answer.url()).not.toMatch(/unsafe|\*/);
  if (kind === "page") {
    expect(policy, answer.url()).toMatch(/script-src 'self' 'nonce-[A-Za-z0-9+/]{22}==' 'strict-dynamic';/);
    expect(headers["cache-control"], answer.url()).toContain("no-store");
  }
}
