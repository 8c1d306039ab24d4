import { randomBytes } from "node:crypto";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { createContext } from "@/lib/platform/context";
import { database } from "@/lib/platform/database/client";
import { makeMember, makeOrganization, makeRepository } from "./factories";

const REPOSITORIES = [
  ["payments/api", "gitlab", "gitlab.com", "acme/payments", "api", "git"],
  ["payments/ledger", "gitlab", "gitlab.com", "acme/payments", "ledger", "oauth2"],
  ["web/storefront", "bitbucket", "bitbucket.org", "acme", "storefront", "x-token-auth"],
  ["web/design-system", "bitbucket", "bitbucket.org", "acme", "design-system", null],
  ["infra/terraform", "gitea", "git.acme.example:8443", "platform", "terraform", "robot"],
  ["infra/runbooks", "gitea", "git.acme.example:8443", "platform", "runbooks", null],
  ["mobile/ios", "forgejo", "forge.acme.example", "mobile", "ios", "robot"],
  ["mobile/android", "forgejo", "forge.acme.example", "mobile", "android", null],
  ["oss/cli", "codeberg", "codeberg.org", "acme", "cli", "git"],
  ["oss/docs", "codeberg", "codeberg.org", "acme", "docs", null],
  ["archive/patches", "srht", "git.sr.ht", "~acme", "patches", null],
] as const;

/**
 * A sample organization with a dozen repositories, some with a credential of random letters that opens nothing.
 * Returns the administrator's sign-in.
 */
export async function seedDemo(): Promise<{ email: string; password: string }> {
  const db = database();
  const organization = await makeOrganization(db, "acme");
  const email = "admin@acme.example";
  const password = randomBytes(12).toString("base64url");
  const actor = await makeMember(db, organization, { email, password, role: "owner" });
  const ctx = createContext(actor, "demo");
  await makeRepository(db, organization, "scratch/notes", null);
  for (const [name, provider, host, owner, upstreamName, username] of REPOSITORIES) {
    await makeRepository(db, organization, name, { provider, host, owner, name: upstreamName });
    if (username === null) continue;
    const secret = () => randomBytes(20).toString("hex");
    const { id } = await createCredential(ctx, { repository: name, username, password: secret() });
    if (provider === "gitlab") await rotateCredential(ctx, { id, password: secret() });
  }
  return { email, password };
}
