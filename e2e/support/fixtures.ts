import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test as base, type BrowserContext, type Page } from "@playwright/test";
import type { MemberRole } from "@/lib/contract/members";
import {
  makeMember,
  makeOrganization,
  makeRepository,
  makeSigningKey,
  type MadeKey,
  type MadeOrganization,
} from "@/prisma/factories";
import { startGitHost, type Access, type GitHost } from "@/scripts/git-host/start-git-host";
import { sessionCookie } from "@/scripts/session-cookie";
import { startLatchkey, type Latchkey } from "@/scripts/start-latchkey";

export const PASSWORD = "correct horse battery staple";

export interface SignIn {
  email: string;
  password: string;
}

interface TestFixtures {
  /** A fresh organization of this test's own. */
  organization: MadeOrganization;
  /** A key whose tokens the organization accepts. */
  key: MadeKey;
  /** A private repository, mirrored from the Git host. */
  mirrored: (name: string) => Promise<{ id: string; name: string }>;
  /** A fresh token of the Git host. */
  hostToken: (access?: Access) => string;
  /** Makes a member of the organization with the given role. */
  member: (role: MemberRole) => Promise<SignIn>;
  /** Signs in on the sign-in page, as a person does. */
  signIn: (page: Page, who: SignIn) => Promise<void>;
  /** A page where an owner of the organization is signed in. */
  ownerPage: Page;
  baseURL: string;
  /** What the server printed meanwhile, beside a test that failed. */
  failureLog: void;
}

interface WorkerFixtures {
  /** A real Git server over TLS that says it is GitLab; it has the private repository `acme/app`. */
  gitHost: GitHost;
  latchkey: Latchkey;
}

/** One running Latchkey and one Git host for each worker, one organization for each test. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  gitHost: [
    async ({}, use) => {
      const gitHost = await startGitHost("GitLab");
      gitHost.addRepository("acme/app");
      await use(gitHost);
      await gitHost.stop();
    },
    { scope: "worker" },
  ],
  latchkey: [
    async ({ gitHost }, use) => {
      const latchkey = await startLatchkey(reaching(gitHost));
      await use(latchkey);
      await latchkey.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  baseURL: async ({ latchkey }, use) => use(latchkey.url),
  failureLog: [
    async ({ latchkey }, use, info) => {
      const before = latchkey.output().length;
      await use();
      if (info.status !== info.expectedStatus) console.error(latchkey.output().slice(before));
    },
    { auto: true },
  ],
  organization: async ({ latchkey }, use) => {
    await use(await makeOrganization(latchkey.db, `org-${randomBytes(5).toString("hex")}`));
  },
  key: async ({ latchkey, organization }, use) => {
    await use(await makeSigningKey(latchkey.db, organization));
  },
  mirrored: async ({ latchkey, organization, gitHost }, use) => {
    await use((name) => {
      const upstream = { provider: "gitlab" as const, host: gitHost.host, owner: "acme", name: "app" };
      return makeRepository(latchkey.db, organization, name, upstream);
    });
  },
  hostToken: async ({ gitHost }, use) => {
    await use((access = "write") => {
      const token = `glpat-${randomBytes(20).toString("hex")}`;
      gitHost.tokens.set(token, access);
      return token;
    });
  },
  member: async ({ latchkey, organization }, use) => {
    await use((role) => newMember(latchkey, organization, role));
  },
  signIn: async ({ latchkey: _ }, use) => {
    await use(async (page, { email, password }) => {
      await page.goto("/sign-in");
      await page.getByLabel("E-mail address").fill(email);
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.waitForURL((url) => url.pathname !== "/sign-in");
    });
  },
  ownerPage: async ({ page, latchkey, organization }, use) => {
    const { userId } = await newMember(latchkey, organization, "owner");
    await page.context().addCookies([{ ...(await cookieOf(latchkey, userId)), url: latchkey.url }]);
    await use(page);
  },
});

export { expect } from "@playwright/test";

/** A member of their own name. */
export async function newMember(
  { db }: Latchkey,
  organization: MadeOrganization,
  role: MemberRole,
  password = PASSWORD,
): Promise<SignIn & { userId: string }> {
  const email = `${role}-${randomBytes(4).toString("hex")}@example.com`;
  const { userId } = await makeMember(db, organization, { email, password, role });
  return { userId, email, password };
}

/** What a sign-in of the user would have left in the browser, without the time that hashing and a page take. */
export function cookieOf({ db, dataDir }: Latchkey, userId: string): Promise<{ name: string; value: string }> {
  return sessionCookie(db, userId, readFileSync(path.join(dataDir, "auth-secret"), "utf8").trim());
}

/** What a Latchkey must be told to reach this Git host. */
export function reaching(gitHost: GitHost): Record<string, string> {
  return { LATCHKEY_EGRESS_ALLOW: gitHost.host, LATCHKEY_UPSTREAM_CA_FILE: gitHost.caFile };
}

/** A second browser beside the test's own, for another person. */
export async function anotherPage(context: BrowserContext, baseURL: string): Promise<Page> {
  const browser = context.browser()!;
  return (await browser.newContext({ baseURL })).newPage();
}
