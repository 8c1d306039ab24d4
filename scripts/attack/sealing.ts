import { randomBytes } from "node:crypto";
import { askForPull, makeVictim, storeCredential, testStored, type Arena } from "./arena";
import type { Attack } from "./attack";
import { ask, summary } from "./ask";
import { until } from "./processes";

const SIDES = 4;
const UNREADABLE = "500 credential_unreadable; sent to nobody";

/** Somebody who writes to the database moves, swaps, replays, cuts and flips what is sealed, and then uses the product. */
export async function sealing(arena: Arena): Promise<Attack[]> {
  const { db, url, gitHost, hostile, forbidden } = arena;
  const victim = await makeVictim(db);
  const other = await makeVictim(db);
  let count = 0;
  const password = () => {
    const made = randomBytes(12).toString("hex");
    gitHost.tokens.set(made, "write");
    return made;
  };
  const fresh = async (owner = victim) => {
    const sent = password();
    const stored = await storeCredential(arena, owner, {
      name: `sealed-${++count}`,
      host: gitHost.host,
      password: sent,
    });
    return { ...stored, password: sent };
  };
  type Stored = Awaited<ReturnType<typeof fresh>>;
  const secretOf = ({ id }: Stored) =>
    db.credentialSecret.findFirstOrThrow({ where: { credentialId: id }, orderBy: { version: "desc" } });
  const put = ({ id }: Stored, data: { sealed?: Uint8Array<ArrayBuffer>; masterKeyId?: string }) =>
    db.credentialSecret.updateMany({ where: { credentialId: id }, data });
  /** What testing it says, and whether any host was sent a sign-in for it. */
  const use = async (stored: Stored, token = victim.token) => {
    const before = [gitHost.sent.length, hostile.taken.length, forbidden.connections()];
    const answer = await testStored(url, token, stored);
    const after = [gitHost.sent.length, hostile.taken.length, forbidden.connections()];
    const said = answer.status === 200 ? (JSON.parse(answer.text) as { outcome: string }).outcome : summary(answer);
    const told = (["the Git host", "the hostile host", "the forbidden host"] as const).filter(
      (_, i) => after[i]! > before[i]!,
    );
    return `${said}; sent to ${told.join(" and ") || "nobody"}`;
  };
  const attack = (
    name: string,
    tamper: (stored: Stored) => Promise<unknown>,
    expected: Attack["expected"] = UNREADABLE,
  ): Attack => ({
    name,
    expected,
    writes: true,
    attempt: async () => {
      const stored = await fresh();
      await tamper(stored);
      return use(stored);
    },
  });
  const bytesOf = async (stored: Stored) => Buffer.from((await secretOf(stored)).sealed);
  const cuts = [0, 1, 12, 13, 60, 61, 73, 588, 600];

  return [
    attack("nothing is touched", () => Promise.resolve(), "reads_and_writes; sent to the Git host"),
    attack("another repository's sealed secret is put in its place", async (stored) =>
      put(stored, { sealed: (await secretOf(await fresh())).sealed }),
    ),
    attack("another organization's sealed secret is put in its place", async (stored) =>
      put(stored, { sealed: (await secretOf(await fresh(other))).sealed }),
    ),
    attack("two secrets change places", async (stored) => {
      const second = await fresh();
      const [one, two] = [await secretOf(stored), await secretOf(second)];
      await put(stored, { sealed: two.sealed });
      await put(second, { sealed: one.sealed });
    }),
    attack("the version before is replayed as the current one", async (stored) => {
      const old = await secretOf(stored);
      const body = { id: stored.id, username: "git", password: password() };
      await ask(url, { method: "PUT", path: "/api/v1/repos/git-credentials", token: victim.token, body });
      await put(stored, { sealed: old.sealed });
    }),
    attack("the version number is raised", async (stored) => {
      await db.credentialSecret.updateMany({ where: { credentialId: stored.id }, data: { version: 7 } });
      await db.gitCredential.update({ where: { id: stored.id }, data: { currentVersion: 7, lastVersion: 7 } });
    }),
    attack("the row is given another credential's id", async (stored) => {
      const second = await fresh();
      await db.credentialSecret.deleteMany({ where: { credentialId: stored.id } });
      await db.credentialSecret.updateMany({ where: { credentialId: second.id }, data: { credentialId: stored.id } });
    }),
    attack("the repository's upstream is now on the hostile host", (stored) =>
      db.upstream.update({ where: { repositoryId: stored.repo }, data: { host: hostile.host } }),
    ),
    attack("the upstream's port is another", (stored) =>
      db.upstream.update({ where: { repositoryId: stored.repo }, data: { host: `localhost:${forbidden.port}` } }),
    ),
    attack("the upstream's host is its address", (stored) =>
      db.upstream.update({
        where: { repositoryId: stored.repo },
        data: { host: gitHost.host.replace("localhost", "127.0.0.1") },
      }),
    ),
    attack("the upstream's host has a name in front", (stored) =>
      db.upstream.update({ where: { repositoryId: stored.repo }, data: { host: `${gitHost.host}@${hostile.host}` } }),
    ),
    ...["@127.0.0.1:PORT/x", ":PORT@127.0.0.1:PORT/x", ".evil.example/x"].map((written) =>
      attack(
        `the upstream's path ${written} leads away from its host`,
        (stored) =>
          db.upstream.update({
            where: { repositoryId: stored.repo },
            data: { canonicalPath: written.replaceAll("PORT", String(forbidden.port)) },
          }),
        /^(?!reads).*; sent to nobody$/,
      ),
    ),
    ...["//", "\\\\", "/\\", "/@"].map((start) =>
      attack(
        `the upstream's path begins with ${start}`,
        (stored) =>
          db.upstream.update({
            where: { repositoryId: stored.repo },
            data: { canonicalPath: `${start}${forbidden.host}/x` },
          }),
        /; sent to (nobody|the Git host)$/,
      ),
    ),
    attack(
      "the upstream's owner climbs out",
      (stored) =>
        db.upstream.update({ where: { repositoryId: stored.repo }, data: { owner: `@${forbidden.host}/..` } }),
      /^(?!reads).*; sent to (nobody|the Git host)$/,
    ),
    {
      name: "the master key's id is one that nobody knows",
      expected: "refused by the database",
      writes: true,
      attempt: async () => {
        const stored = await fresh();
        const refused = (error: unknown) => (error as { code?: string }).code === "P2003";
        return put(stored, { masterKeyId: "none" }).then(
          () => "taken",
          (error: unknown) => (refused(error) ? "refused by the database" : String(error)),
        );
      },
    },
    {
      name: "the master key's id is another",
      expected: UNREADABLE,
      writes: true,
      attempt: async () => {
        const stored = await fresh();
        const { masterKeyId } = await secretOf(stored);
        await db.masterKeyCheck.create({ data: { keyId: "another", sealed: Uint8Array.from(randomBytes(64)) } });
        await put(stored, { masterKeyId: "another" });
        const seen = await use(stored);
        // An installation that lacks a key in use does not start, and the next attacks start one on this database.
        await put(stored, { masterKeyId });
        await db.masterKeyCheck.delete({ where: { keyId: "another" } });
        return seen;
      },
    },
    attack("the sealed bytes are doubled", async (stored) => {
      const bytes = await bytesOf(stored);
      return put(stored, { sealed: Uint8Array.from(Buffer.concat([bytes, bytes])) });
    }),
    attack("the sealed bytes are random", (stored) => put(stored, { sealed: Uint8Array.from(randomBytes(601)) })),
    attack("the sealed bytes are the plain JSON", (stored) =>
      put(stored, { sealed: Uint8Array.from(Buffer.from('{"username":"git","password":"x"}')) }),
    ),
    ...cuts.map((length) =>
      attack(`the sealed bytes are cut to ${length}`, async (stored) =>
        put(stored, { sealed: Uint8Array.from((await bytesOf(stored)).subarray(0, length)) }),
      ),
    ),
    {
      name: "each byte is flipped in turn",
      expected: /^\d{3} bytes, all of them: 500 credential_unreadable; sent to nobody$/,
      writes: true,
      attempt: async () => {
        const seen = new Set<string>();
        // Side by side, each on a secret of its own.
        const flip = async (first: number) => {
          const stored = await fresh();
          const bytes = await bytesOf(stored);
          for (let index = first; index < bytes.length; index += SIDES) {
            const changed = Uint8Array.from(bytes);
            changed[index]! ^= 1 << (index % 8);
            await put(stored, { sealed: changed });
            seen.add(await use(stored));
          }
          return bytes.length;
        };
        const lengths = await Promise.all(Array.from({ length: SIDES }, (_, side) => flip(side)));
        return `${[...new Set(lengths)].join()} bytes, all of them: ${[...seen].join(" or ")}`;
      },
    },
    {
      name: "the repository is moved to the attacker's organization",
      expected: UNREADABLE,
      writes: true,
      attempt: async () => {
        const stored = await fresh();
        await db.repository.update({ where: { id: stored.repo }, data: { organizationId: other.id } });
        return use(stored, other.token);
      },
    },
    {
      name: "the credential is hung on the attacker's repository",
      expected: UNREADABLE,
      writes: true,
      attempt: async () => {
        const [stored, target] = [await fresh(), await fresh(other)];
        await db.gitCredential.delete({ where: { id: target.id } });
        await db.gitCredential.update({ where: { id: stored.id }, data: { repositoryId: target.repo } });
        return use({ ...stored, repo: target.repo }, other.token);
      },
    },
    {
      name: "a pull with a swapped secret ends without it",
      expected: /^(?!succeeded).*; sent to nobody$/,
      writes: true,
      attempt: async () => {
        const stored = await fresh();
        await put(stored, { sealed: (await secretOf(await fresh())).sealed });
        const before = gitHost.sent.length;
        await askForPull(url, victim.token, stored.repo);
        const runs = () => db.syncRun.findMany({ where: { repositoryId: stored.repo, finishedAt: { not: null } } });
        await until("the pull ends", async () => (await runs()).length > 0);
        await db.repository.update({ where: { id: stored.repo }, data: { deletedAt: new Date(), liveName: null } });
        const [run] = await runs();
        return `${run?.outcome}; sent to ${gitHost.sent.length > before ? "the Git host" : "nobody"}`;
      },
    },
    {
      name: "what does not open is replaced whole, and works again",
      expected: "200, then reads_and_writes; sent to the Git host",
      writes: true,
      attempt: async () => {
        const stored = await fresh();
        await put(stored, { sealed: Uint8Array.from(randomBytes(601)) });
        const body = { id: stored.id, username: "git", password: password() };
        const answer = await ask(url, {
          method: "PUT",
          path: "/api/v1/repos/git-credentials",
          token: victim.token,
          body,
        });
        return `${summary(answer)}, then ${await use(stored)}`;
      },
    },
    {
      name: "a webhook's address is changed: nothing is signed for the new one",
      expected: "secret_unreadable; 0 deliveries there",
      writes: true,
      attempt: async () => {
        const stored = await fresh();
        const hook = {
          url: `https://${hostile.host}/hooks/ours`,
          secret: randomBytes(16).toString("hex"),
          events: ["repo.sync.succeeded"],
        };
        const made = await ask(url, { method: "POST", path: "/api/v1/webhooks", token: victim.token, body: hook });
        const { id } = JSON.parse(made.text) as { id: string };
        await db.webhook.update({ where: { id }, data: { url: `https://${hostile.host}/hooks/theirs` } });
        await askForPull(url, victim.token, stored.repo);
        const tried = () => db.webhookDelivery.findFirst({ where: { webhookId: id, attempts: { gt: 0 } } });
        await until("the delivery is tried", async () => (await tried()) !== null);
        const reason = (await tried())?.reason;
        await db.webhook.delete({ where: { id } });
        return `${reason}; ${hostile.taken.filter((line) => line.includes("/hooks/theirs")).length} deliveries there`;
      },
    },
  ];
}
