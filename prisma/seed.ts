import { randomBytes } from "node:crypto";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { testCredential } from "@/lib/domain/credentials/test-credential";
import { requestPull } from "@/lib/domain/sync/request-pull";
import { addWebhook } from "@/lib/domain/webhooks/add-webhook";
import { createContext } from "@/lib/platform/context";
import { database } from "@/lib/platform/database/client";
import { makeMember, makeOrganization, makeRepository } from "./factories";

/** The demo's own Git host, and the tokens that are good there. */
export interface DemoHost {
  host: string;
  tokens: { writes: string; reads: string; small: string };
}

/** Pulled as soon as the worker is up. */
const PULLED = new Set(["payments/api", "payments/ledger", "infra/terraform", "oss/cli", "mobile/ios"]);

/** name, provider, host, owner, name on the host, secret, tested */
type Row = readonly [
  string,
  "gitlab" | "bitbucket" | "gitea" | "forgejo" | "codeberg" | "srht",
  string,
  string,
  string,
  string | null,
  boolean,
];

function rows({ host, tokens }: DemoHost): readonly Row[] {
  const revoked = "glpat-demo-revoked";
  return [
    ["payments/api", "gitlab", host, "payments", "api", tokens.writes, true],
    ["payments/ledger", "gitlab", host, "payments", "ledger", tokens.reads, true],
    ["infra/terraform", "gitlab", host, "infra", "terraform", revoked, true],
    ["web/storefront", "gitlab", host, "web", "storefront", tokens.small, true],
    ["web/design-system", "bitbucket", "bitbucket.org", "acme", "design-system", null, false],
    ["infra/runbooks", "gitlab", host, "infra", "runbooks", null, false],
    ["mobile/ios", "gitlab", host, "mobile", "ios", tokens.writes, false],
    ["mobile/android", "forgejo", "forge.acme.example", "mobile", "android", "robot-password", true],
    ["oss/cli", "gitlab", host, "oss", "cli", tokens.writes, true],
    ["oss/docs", "codeberg", "codeberg.org", "acme", "docs", null, false],
    ["archive/patches", "srht", "git.sr.ht", "~acme", "patches", "of-no-use", true],
  ];
}

/**
 * A sample organization with a dozen repositories in every state that a credential can be in. Returns the
 * administrator's sign-in.
 */
export async function seedDemo(demoHost: DemoHost): Promise<{ email: string; password: string }> {
  const db = database();
  const organization = await makeOrganization(db, "acme");
  const email = "admin@acme.example";
  const password = randomBytes(12).toString("base64url");
  const actor = await makeMember(db, organization, { email, password, role: "owner" });
  const ctx = createContext(actor, "demo", null);
  await makeRepository(db, organization, "scratch/notes", null);
  await addWebhook(ctx, {
    url: `https://${demoHost.host}/hooks`,
    secret: randomBytes(16).toString("hex"),
    events: ["repo.sync.succeeded", "repo.sync.failed", "credential.rejected"],
  });
  for (const [name, provider, host, owner, upstreamName, secret, tested] of rows(demoHost)) {
    await makeRepository(db, organization, name, { provider, host, owner, name: upstreamName });
    if (secret === null) continue;
    const { id } = await createCredential(ctx, { repository: name, username: "oauth2", password: secret });
    if (name === "payments/api") await rotateCredential(ctx, { id, password: secret });
    if (tested) await testCredential(ctx, { id });
    if (PULLED.has(name)) await requestPull(ctx, { repository: name });
  }
  return { email, password };
}
