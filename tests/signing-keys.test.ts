import { generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { addSigningKey } from "@/lib/domain/signing-keys/add-signing-key";
import { listSigningKeys } from "@/lib/domain/signing-keys/list-signing-keys";
import { parsePublicKey } from "@/lib/domain/signing-keys/parse-public-key";
import { revokeSigningKey } from "@/lib/domain/signing-keys/revoke-signing-key";
import type { Context } from "@/lib/domain/context";
import { makeContext, makeKeyPair, makeOrganization, memberActor } from "@/prisma/factories";
import { useDatabase } from "./support/database";

const database = useDatabase();
let owner: Context;
let viewer: Context;
let stranger: Context;

beforeAll(async () => {
  const acme = await makeOrganization(database.db, "acme");
  owner = makeContext(database.db, memberActor(acme));
  viewer = makeContext(database.db, memberActor(acme, { role: "viewer" }));
  stranger = makeContext(database.db, memberActor(await makeOrganization(database.db, "other")));
});

const pem = (key: { export(options: { type: "spki"; format: "pem" }): string | Buffer }) =>
  key.export({ type: "spki", format: "pem" }).toString();

describe("a public key", () => {
  it("may be P-256, Ed25519 or RSA of 2048 bits", async () => {
    expect((await parsePublicKey(makeKeyPair("x").publicKeyPem)).algorithm).toBe("ES256");
    expect((await parsePublicKey(pem(generateKeyPairSync("ed25519").publicKey))).algorithm).toBe("EdDSA");
    expect((await parsePublicKey(pem(generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey))).algorithm).toBe(
      "RS256",
    );
  });

  it("may be nothing else, and what was pasted is not repeated", async () => {
    const { privateKeyPem } = makeKeyPair("x");
    const wrong = [
      privateKeyPem,
      pem(generateKeyPairSync("ec", { namedCurve: "secp256k1" }).publicKey),
      pem(generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey),
      pem(generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey),
      pem(generateKeyPairSync("x25519").publicKey),
      "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
      "hello",
    ];
    for (const text of wrong) {
      const error = await parsePublicKey(text).catch((refusal: Error) => refusal);
      expect(error).toMatchObject({ code: "invalid_request" });
      expect((error as Error).message).not.toContain(text.split("\n")[1] ?? text);
    }
  });

  it("is added once, never again after it was revoked, and by no viewer", async () => {
    const { publicKeyPem } = makeKeyPair("acme");
    const { id } = await addSigningKey(owner, { name: "ci", publicKeyPem });
    await expect(addSigningKey(owner, { name: "again", publicKeyPem })).rejects.toMatchObject({ code: "conflict" });
    await expect(addSigningKey(viewer, { name: "v", publicKeyPem })).rejects.toMatchObject({ code: "forbidden" });
    await expect(revokeSigningKey(viewer, { id })).rejects.toMatchObject({ code: "forbidden" });
    await expect(revokeSigningKey(stranger, { id })).rejects.toMatchObject({ code: "not_found" });
    await revokeSigningKey(owner, { id });
    await expect(revokeSigningKey(owner, { id })).rejects.toMatchObject({ code: "not_found" });
    await expect(addSigningKey(owner, { name: "again", publicKeyPem })).rejects.toMatchObject({ code: "conflict" });
    expect(await listSigningKeys(viewer)).toEqual([
      expect.objectContaining({ id, name: "ci", revokedAt: expect.any(Date) as Date }),
    ]);
    expect(await listSigningKeys(stranger)).toEqual([]);
  });
});

it("is listed while it is active, however many were revoked since", async () => {
  const organization = await makeOrganization(database.db, "rotates");
  const ctx = makeContext(database.db, memberActor(organization));
  const { publicKeyPem } = makeKeyPair("x");
  const { id } = await addSigningKey(ctx, { name: "first", publicKeyPem });
  await database.db.signingKey.createMany({
    data: Array.from({ length: 250 }, (_, number) => ({
      id: `key_rotated_${number}`,
      organizationId: organization.id,
      name: `rotated ${number}`,
      algorithm: "ES256" as const,
      publicKeyPem,
      thumbprint: `rotated ${number}`,
      createdAt: new Date(Date.now() + number),
      revokedAt: new Date(Date.now() + number),
    })),
  });
  const listed = await listSigningKeys(ctx);
  expect(listed).toHaveLength(200);
  expect(listed[0]?.id).toBe(id);
  expect(listed[1]?.name).toBe("rotated 249");
});

it("can be had twenty times and no more, also when added at once", async () => {
  const full = makeContext(database.db, memberActor(await makeOrganization(database.db, "full")));
  const add = (number: number) =>
    addSigningKey(full, { name: `key ${number}`, publicKeyPem: makeKeyPair("x").publicKeyPem });
  const added = await Promise.allSettled(Array.from({ length: 24 }, (_, number) => add(number)));
  expect(added.filter(({ status }) => status === "fulfilled")).toHaveLength(20);
  expect(await database.db.signingKey.count({ where: { organizationId: full.actor.organizationId } })).toBe(20);
});
