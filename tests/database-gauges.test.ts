import pg from "pg";
import { afterEach, expect, it } from "vitest";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { cancelRotation } from "@/lib/domain/rotations/cancel-rotation";
import { requestRotation } from "@/lib/domain/rotations/request-rotation";
import { requestPull } from "@/lib/domain/sync/request-pull";
import { withKeysLocked } from "@/lib/domain/vault/lock-keys";
import { rememberKeys } from "@/lib/domain/vault/remember-keys";
import { createVault } from "@/lib/domain/vault/vault";
import { addWebhook } from "@/lib/domain/webhooks/add-webhook";
import { databaseGauges, type DatabaseGauges } from "@/lib/platform/metrics/database-gauges";
import { makeContext, makeKeyRing, makeOrganization, makeRepository, memberActor } from "@/prisma/factories";
import { useDatabase } from "./support/database";

const database = useDatabase();
const DAY_MS = 24 * 60 * 60 * 1000;
let open: DatabaseGauges[] = [];

afterEach(async () => {
  await Promise.all(open.map((gauges) => gauges.stop()));
  open = [];
});

/** The lines of a scrape that have values. */
async function scrape(url = database.url): Promise<string[]> {
  const gauges = databaseGauges(url);
  open.push(gauges);
  const text = await (await gauges.read()).metrics();
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

it("tells what is stored, what is due and what ends soon, and names nobody", async () => {
  const { db } = database;
  const acme = await makeOrganization(db, "acme");
  const ctx = makeContext(db, memberActor(acme));
  const ends = [-1, 3, 20, 60];
  for (const [index, days] of ends.entries()) {
    const { id: repositoryId, name } = await makeRepository(db, acme, `app-${index}`);
    const { id } = await createCredential(ctx, { repository: repositoryId, password: "of no matter" });
    const tested = index > 0 ? { testedAt: new Date(), testOutcome: "reads_only" as const } : {};
    const data = {
      expiresAt: new Date(Date.now() + days * DAY_MS),
      // Kept in whole seconds, to the nearest: a second more is at least a day.
      createdAt: new Date(Date.now() - DAY_MS - 1000),
      ...tested,
    };
    await db.gitCredential.update({ where: { id }, data });
    if (index < 2) await requestPull(ctx, { repository: name });
  }
  await db.repository.updateMany({ where: { name: "app-3" }, data: { pausedAt: new Date() } });
  await db.$executeRaw`UPDATE graphile_worker._private_jobs SET run_at = now() + interval '1 hour' WHERE id = (
    SELECT min(id) FROM graphile_worker._private_jobs)`;
  const lines = await scrape();
  expect(lines).toEqual(
    expect.arrayContaining([
      "latchkey_database_up 1",
      'latchkey_jobs{state="waiting"} 1',
      'latchkey_jobs{state="scheduled"} 1',
      'latchkey_jobs{state="running"} 0',
      'latchkey_jobs{state="given_up"} 0',
      "latchkey_credentials 4",
      "latchkey_credentials_untested 1",
      'latchkey_credentials_expiring{within="0d"} 1',
      'latchkey_credentials_expiring{within="7d"} 2',
      'latchkey_credentials_expiring{within="30d"} 3',
      "latchkey_repositories_paused 1",
      // With the key of the organization's fingerprints.
      'latchkey_sealed_secrets{master_key="test"} 5',
    ]),
  );
  const oldest = lines.find((line) => line.startsWith("latchkey_credentials_untested_oldest_seconds"))!;
  expect(Number(oldest.split(" ")[1])).toBeGreaterThanOrEqual(DAY_MS / 1000);
  expect(lines.join("\n")).not.toMatch(/acme|app-\d|gitlab/);
});

it("counts what is sealed in every table, under each key", async () => {
  const { db } = database;
  const acme = await makeOrganization(db, "sealed");
  await withKeysLocked({ db }, (tx) => rememberKeys(tx, makeContext(db, memberActor(acme)), "test", makeKeyRing("k2")));
  const of = (metric: string[]) => metric.filter((line) => line.startsWith("latchkey_sealed_secrets")).sort();
  const [before] = of(await scrape());
  const ctx = makeContext(db, memberActor(acme), { vault: createVault(() => makeKeyRing("k2")) });
  const address = { url: "https://ci.example.com/hook", secret: "whsec_of-the-tests-alone" };
  await addWebhook(ctx, { ...address, events: ["repo.sync.failed"] });
  const { id } = await makeRepository(db, acme, "app");
  // The credential, and the key of the organization's fingerprints.
  const { id: credentialId } = await createCredential(ctx, { repository: id, password: "of no matter" });
  const rotation = await requestRotation(ctx, { id: credentialId, password: "next" });
  expect(of(await scrape())).toEqual(['latchkey_sealed_secrets{master_key="k2"} 4', before]);
  await cancelRotation(ctx, { id: rotation.id });
  expect(of(await scrape())).toEqual(['latchkey_sealed_secrets{master_key="k2"} 3', before]);
});

it("is one answer for a while, however often it is asked for", async () => {
  const gauges = databaseGauges(database.url);
  open.push(gauges);
  expect(await gauges.read()).toBe(await gauges.read());
});

it("says that the database is down where it does not answer in time, and says nothing else of it", async () => {
  const nowhere = database.url.replace(/host=[^&]+/, "host=/nowhere");
  expect(await scrape(nowhere)).toEqual(["latchkey_database_up 0"]);
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  await holder.query("BEGIN; LOCK TABLE git_credential IN ACCESS EXCLUSIVE MODE");
  expect(await scrape()).toEqual(["latchkey_database_up 0"]);
  await holder.end();
});
