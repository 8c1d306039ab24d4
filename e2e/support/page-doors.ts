/**
 * Every page there is, and for whom: `anybody`, `user` for somebody signed in, or the role that it takes to see what is on
 * it. The test that reads this fails for one that is missing here.
 */
export const PAGE_DOORS: Record<string, "anybody" | "user" | "member" | "admin"> = {
  "/": "user",
  "/sign-in": "anybody",
  "/sign-in/code": "anybody",
  "/setup": "anybody",
  "/invite": "anybody",
  "/reset": "anybody",
  "/docs/api": "anybody",
  "/account": "user",
  "/account/second-factor": "user",
  "/[org]/repos": "member",
  "/[org]/repos/new": "admin",
  "/[org]/repos/[repo]": "member",
  "/[org]/repos/[repo]/settings": "member",
  "/[org]/repos/[repo]/settings/credential": "member",
  "/[org]/import": "admin",
  "/[org]/import/[import]": "admin",
  "/[org]/attention": "member",
  "/[org]/settings/members": "member",
  "/[org]/settings/signing-keys": "member",
  "/[org]/settings/signing-keys/check": "member",
  "/[org]/settings/notices": "member",
  "/[org]/settings/audit": "admin",
  "/[org]/settings/organization": "admin",
  "/[org]/settings/webhooks": "admin",
  "/[org]/settings/webhooks/[webhook]": "admin",
  "/[org]/rotations/[rotation]": "member",
};

/** Every address that answers with something else than a page and is no operation of the API, and the methods it knows. */
export const ROUTE_DOORS: Record<string, string> = {
  "/[org]/settings/audit/export": "POST",
  "/[org]/export": "POST",
  "/api/progress/[org]/[repo]": "GET",
  "/sign-in/single-sign-on": "GET, HEAD",
  "/api/auth/callback/oidc": "GET, HEAD",
  "/api/health": "GET, HEAD",
  "/api/ready": "GET, HEAD",
  "/api/openapi.json": "GET, HEAD",
};
