import { beforeAll, expect, it } from "vitest";
import type { Context } from "@/lib/domain/context";
import { signIn } from "@/lib/domain/members/sign-in";
import { applyBootstrap } from "@/lib/domain/organizations/apply-bootstrap";
import { makeContext, makeMember, makeOrganization, type MadeOrganization } from "@/prisma/factories";
import { useDatabase } from "./support/database";

const database = useDatabase();
const PASSWORD = "correct horse battery staple";
let elsewhere: MadeOrganization;
let ctx: Context;

beforeAll(async () => {
  elsewhere = await makeOrganization(database.db, "elsewhere");
  ctx = makeContext(database.db, {
    kind: "system",
    name: "start",
    organizationId: "",
    organizationSlug: "",
  });
});

const apply = (organization: string, email: string, password: string) =>
  applyBootstrap(ctx, { organization, admin: { email, password }, signing_keys: [] });
const owners = (slug: string) =>
  database.db.membership.findMany({
    where: { role: "owner", organization: { slug } },
    select: { user: { select: { email: true } } },
  });

it("makes nobody an owner who has chosen another password under the address before", async () => {
  const { email, userId } = await makeMember(database.db, elsewhere, {
    email: "ada@example.com",
    password: "somebody else's password",
    role: "admin",
  });
  const refused = { code: "conflict", message: expect.stringContaining("ada@example.com") as string };
  await expect(apply("acme", email, PASSWORD)).rejects.toMatchObject(refused);
  expect(await owners("acme")).toEqual([]);
  // Nor one who has none, and signs in through the identity provider.
  await database.db.user.update({ where: { id: userId }, data: { passwordHash: null } });
  await expect(apply("acme", email, PASSWORD)).rejects.toMatchObject(refused);
  expect(await owners("acme")).toEqual([]);
});

it("makes who is there already an owner with their own password, once, and changes nothing of theirs later", async () => {
  const { email, userId } = await makeMember(database.db, elsewhere, {
    email: "bob@example.com",
    password: PASSWORD,
    role: "viewer",
  });
  await apply("beta", email, PASSWORD);
  expect(await owners("beta")).toEqual([{ user: { email } }]);
  await apply("beta", email, "the file has another one now");
  expect(await owners("beta")).toHaveLength(1);
  expect(await signIn(ctx, { email, password: PASSWORD })).toMatchObject({ userId });
});
