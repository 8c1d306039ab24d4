import { CHAIN_BREAKS } from "@/lib/contract/audit-chain";
import { checkChain } from "@/lib/domain/audit/check-chain";
import { database } from "@/lib/platform/database/client";
import { complain, say } from "@/lib/platform/terminal";

// `npm run audit:verify [-- ORGANIZATION]` recomputes the audit chains, all or one, and ends with 1 where one is broken.

const BATCH = 100;

const [slug, ...rest] = process.argv.slice(2);
if (rest.length > 0 || slug?.startsWith("-")) {
  complain("npm run audit:verify [-- ORGANIZATION]");
  process.exit(2);
}
try {
  process.exitCode = await verifyAll();
} catch {
  complain("The database cannot be reached. Start Latchkey first, or set DATABASE_URL as the service has it.");
  process.exitCode = 2;
} finally {
  await Promise.resolve()
    .then(() => database().$disconnect())
    .catch(() => undefined);
}

/** The exit code: 0 where every chain is whole. */
async function verifyAll(): Promise<number> {
  let found = 0;
  let broken = 0;
  for (let after = ""; ;) {
    const organizations = await database().organization.findMany({
      where: { slug: slug ?? { gt: after } },
      orderBy: { slug: "asc" },
      take: BATCH,
      select: { id: true, slug: true },
    });
    for (const organization of organizations) {
      if (!(await verifyOne(organization))) broken += 1;
    }
    found += organizations.length;
    if (slug !== undefined || organizations.length < BATCH) break;
    after = organizations.at(-1)!.slug;
  }
  if (slug !== undefined && found === 0) {
    complain(`There is no organization "${slug}".`);
    return 2;
  }
  say(`${found} verified, ${broken} broken`);
  return broken > 0 ? 1 : 0;
}

async function verifyOne({ id, slug: name }: { id: string; slug: string }): Promise<boolean> {
  const { events, head, broken } = await checkChain({ db: database(), clock: () => new Date() }, id);
  const state = broken ? `BROKEN at event ${broken.seq}. ${CHAIN_BREAKS[broken.why](broken.seq)}` : "whole";
  say(`${name}: ${events} events, ${state}${broken ? "" : `, ends with ${head || "nothing"}`}`);
  return !broken;
}
