import { expect, it } from "vitest";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { exportRepositories } from "@/lib/domain/repositories/export-repositories";
import { repositoriesFile } from "@/lib/platform/repositories-file";
import {
  makeContext,
  makeKeyRing,
  makeOrganization,
  makeRepository,
  makeSealedCredentials,
  memberActor,
} from "@/prisma/factories";
import { useDatabase } from "./support/database";

const database = useDatabase();
let counter = 0;

async function newOrganization(role: "owner" | "viewer" = "owner") {
  const organization = await makeOrganization(database.db, `acme-${(counter += 1)}`);
  return { organization, ctx: makeContext(database.db, memberActor(organization, { role })) };
}

const exported = async (ctx: ReturnType<typeof makeContext>) =>
  repositoriesFile(await exportRepositories(ctx, { format: "csv" }), "acme-repositories");

it("says what is known of each repository and its credential, and never the secret", async () => {
  const { organization, ctx } = await newOrganization("viewer");
  const admin = makeContext(database.db, memberActor(organization));
  const { id } = await makeRepository(database.db, organization, "team/app");
  const secrets = ["first-secret-value", "a-username-as-long-as-a-token-is-0123456789"];
  await createCredential(admin, { repository: id, username: secrets[1], password: secrets[0]! });
  await makeRepository(database.db, organization, "=1+1");
  await makeRepository(database.db, organization, "bare", null);
  const other = await newOrganization();
  await makeRepository(database.db, other.organization, "somebody-elses");
  const file = await exported(ctx);
  expect(file.headers.get("content-disposition")).toBe('attachment; filename="acme-repositories.csv"');
  const text = await file.text();
  const [head, ...lines] = text.trimEnd().split("\n");
  expect(head).toMatch(/^name,id,clone_url,provider,.*,state,tested_at,expires_at,last_used_at,/);
  expect(lines.map((line) => line.split(",")[0])).toEqual(["'=1+1", "bare", "team/app"]);
  expect(lines[2]).toContain("https://gitlab.com/acme/app.git,gitlab,main,true,");
  expect(lines[2]).toContain(",true,,not_tested,");
  expect(lines[1]).toMatch(/,,,main,false,/);
  for (const secret of secrets) expect(text).not.toContain(secret);
  const events = await database.db.auditEvent.findMany({
    where: { organizationId: organization.id, action: "organization.repositories_exported" },
  });
  expect(events.map(({ payload }) => JSON.parse(payload) as object)).toMatchObject([
    { details: { format: "csv" }, target: { kind: "organization", id: organization.id } },
  ]);
});

it("goes through all of them, however many there are", async () => {
  const { organization, ctx } = await newOrganization();
  await makeSealedCredentials(database.db, organization, makeKeyRing("test"), 1_001);
  const lines = (await (await exported(ctx)).text()).trimEnd().split("\n");
  expect(new Set(lines).size).toBe(1_002);
});
