import type { DemoHost } from "@/prisma/seed";
import { startGitHost, type GitHost } from "./start-git-host";

/** The Git host of the demo, and the tokens that are good there. */
export async function startDemoHost(): Promise<{ gitHost: GitHost; demoHost: DemoHost }> {
  const gitHost = await startGitHost("GitLab");
  for (const name of ["payments/api", "payments/ledger", "infra/terraform", "web/storefront", "mobile/ios"] as const) {
    gitHost.addRepository(name);
  }
  gitHost.addRepository("oss/cli", { public: true });
  const tokens = { writes: "glpat-demo-writes", reads: "glpat-demo-reads", small: "glpat-demo-small" };
  gitHost.tokens.set(tokens.writes, "write").set(tokens.reads, "read").set(tokens.small, "little");
  return { gitHost, demoHost: { host: gitHost.host, tokens } };
}
