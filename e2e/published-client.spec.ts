import { randomBytes } from "node:crypto";
import { GitStorage } from "@pierre/storage";
import { expect, test } from "./support/fixtures";

test("the published client drives the whole life of a repository and its credential", async ({
  latchkey,
  organization,
  key,
}) => {
  const storage = new GitStorage({ name: organization.slug, key: key.privateKeyPem, apiBaseUrl: latchkey.url });
  const created = await storage.createRepo({
    id: "team/app",
    baseRepo: { provider: "gitlab", owner: "acme", name: "app", defaultBranch: "trunk" },
  });
  expect(created.id).toBe("team/app");
  expect(await storage.findOne({ id: "nothing" })).toBeNull();
  const found = await storage.findOne({ id: "team/app" });
  expect(found?.id).toBe("team/app");

  const { repos } = await storage.listRepos();
  expect(repos).toHaveLength(1);
  const [repo] = repos;
  expect(repo?.baseRepo).toMatchObject({ provider: "gitlab", owner: "acme", name: "app" });
  expect(repo?.defaultBranch).toBe("trunk");

  const password = () => randomBytes(16).toString("hex");
  const credential = await storage.createGitCredential({
    repoId: repo!.repoId,
    username: "git",
    password: password(),
  });
  expect(credential.id).toMatch(/^ggc_[0-9a-f]{24}$/);

  await expect(storage.createGitCredential({ repoId: "team/app", password: password() })).rejects.toThrow(
    "already exists",
  );
  expect(await storage.updateGitCredential({ id: credential.id, password: password() })).toMatchObject({
    id: credential.id,
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
  await storage.deleteGitCredential({ id: credential.id });
  await expect(storage.deleteGitCredential({ id: credential.id })).rejects.toThrow("not found");
  await expect(storage.updateGitCredential({ id: credential.id, password: password() })).rejects.toThrow("not found");

  const deleted = await storage.deleteRepo({ id: "team/app" });
  expect(deleted.repoId).toBe(repo!.repoId);
  expect(await storage.findOne({ id: "team/app" })).toBeNull();
});
