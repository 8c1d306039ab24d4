import { operations, type Operation } from "@/lib/contract/operations";
import { makeRepository, makeSigningKey, type MadeKey } from "@/prisma/factories";
import { callApi } from "./support/api";
import { expectHeaders } from "./support/expect-headers";
import { fingerprint } from "./support/fingerprint";
import { expect, test, type Scene } from "./support/scene";

type Name = keyof typeof operations;
/** Names of what an operation is about. */
interface Things {
  repository: string;
  credential: string;
  rotation: string;
  webhook: string;
}

const BODIES: Partial<Record<Name, (things: Things) => object>> = {
  createCredential: ({ repository }) => ({ repo_id: repository, password: "x" }),
  rotateCredential: ({ credential }) => ({ id: credential, password: "x" }),
  removeCredential: ({ credential }) => ({ id: credential }),
  createRepositoryCredential: () => ({ password: "x" }),
  rotateRepositoryCredential: () => ({ password: "x" }),
  createRepositoryV1: () => ({}),
  createRepository: () => ({}),
  pullUpstreamV1: () => ({}),
  pullUpstream: () => ({}),
  rotateMatching: ({ credential }) => ({ id: credential, password: "x" }),
  createWebhook: () => ({ url: "https://hooks.invalid/", secret: "0123456789abcdef", events: ["repo.sync.failed"] }),
  removeWebhook: ({ webhook }) => ({ id: webhook }),
};

/** These are about the repository that the token names; the others are asked with a token for the whole organization. */
const BY_TOKEN: Partial<Record<Name, string>> = {
  createRepositoryV1: "new/one",
  createRepository: "new/one",
  readRepositoryV1: "team/app",
  deleteRepositoryV1: "team/app",
  pullUpstreamV1: "team/app",
  detachRepositoryV1: "team/app",
};

/** What another organization's token gets: nothing is there, but it may make and list what is its own. */
const FOREIGN: Partial<Record<Name, number>> = {
  createRepositoryV1: 201,
  createRepository: 201,
  listRepositoriesV1: 200,
  listRepositories: 200,
  createWebhook: 201,
  listWebhooks: 200,
};

/** The scopes of somebody who may look, without the one that the operation needs. */
const lacking = ({ scope }: Operation) => ["git:read", "org:read"].filter((each) => each !== scope);

for (const [name, operation] of Object.entries(operations) as [Name, Operation][]) {
  test(`${name} is for tokens of the organization with ${operation.scope}, and for nobody else`, async ({
    scene,
    key,
  }) => {
    const things = await prepare(scene, key, name);
    const stranger = await makeSigningKey(scene.latchkey.db, scene.foreign.organization);
    const revoked = await makeSigningKey(scene.latchkey.db, scene.organization, "revoked");
    await scene.latchkey.db.signingKey.update({ where: { id: revoked.id }, data: { revokedAt: new Date() } });
    const repo = BY_TOKEN[name] ?? "org";
    const send = async (token: string, request = scene.stranger.request) => {
      const params = { repo_name: things.repository, id: things.credential, rotation: things.rotation };
      const answer = await callApi(request, name, { token, params, body: BODIES[name]?.(things) });
      expectHeaders(answer, "other");
      return answer.status();
    };
    const print = () =>
      fingerprint(scene.latchkey, { organizationId: scene.organization.id, userId: scene.owner.userId });
    // Its last use is written down, once a minute, by any token that it signed.
    await send(await key.token({ repo, scopes: [] }));
    const before = await print();
    const hourAgo = Math.floor(Date.now() / 1000) - 3600;
    expect({
      stranger: await send(""),
      cookies: await send("", scene.owner.request),
      malformed: await send("a.b.c"),
      expired: await send(await key.token({ repo, iat: hourAgo - 60, exp: hourAgo })),
      revoked: await send(await revoked.token({ repo })),
      posing: await send(await stranger.token({ repo, iss: scene.organization.slug })),
      viewer: await send(await key.token({ repo, scopes: lacking(operation) })),
      foreign: await send(await stranger.token({ repo })),
    }).toEqual({
      stranger: 401,
      cookies: 401,
      malformed: 401,
      expired: 401,
      revoked: 401,
      posing: 401,
      viewer: 403,
      foreign: FOREIGN[name] ?? 404,
    });
    expect(await print()).toEqual(before);
    expect(await send(await key.token({ repo }))).toBe(operation.status);
  });
}

/** A repository, with a credential where the operation does not make one, a rotation and a webhook. */
async function prepare(
  { latchkey, gitHost, organization, stranger }: Scene,
  key: MadeKey,
  name: Name,
): Promise<Things> {
  const { db } = latchkey;
  const { id: organizationId } = organization;
  const upstream = { provider: "gitlab", host: gitHost.host, owner: "acme", name: "app" } as const;
  const { name: repository } = await makeRepository(db, organization, "team/app", upstream);
  const rotation = `rot_${organizationId}`;
  const webhook = `whk_${organizationId}`;
  const asked = { host: "git.invalid", requestedBy: "test", createdAt: new Date() };
  await db.rotation.create({ data: { id: rotation, organizationId, ...asked } });
  const sealed = { masterKeyId: "k1", sealed: new Uint8Array(8) };
  const added = { url: "https://hooks.invalid/", addedBy: "test", events: [] };
  await db.webhook.create({ data: { id: webhook, organizationId, ...added, ...sealed } });
  const things = { repository, rotation, webhook, credential: "none" };
  if (["createCredential", "createRepositoryCredential"].includes(name)) return things;
  const [first, second] = ["1", "2"].map((number) => `glpat-${organizationId}-${number}`) as [string, string];
  gitHost.tokens.set(first, "write").set(second, "write");
  const call = async (made: Name, body: object) =>
    callApi(stranger.request, made, { token: await key.token(), body, params: { repo_name: repository } });
  const created = await call("createCredential", { repo_id: repository, password: first });
  const { id: credential } = (await created.json()) as { id: string };
  await call("rotateCredential", { id: credential, password: second });
  return { ...things, credential };
}
