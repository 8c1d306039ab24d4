import { generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attentionPageHref, attentionPageQuery } from "@/lib/contract/attention";
import { auditPageHref, auditPageQuery } from "@/lib/contract/audit-page";
import { parseCloneUrl } from "@/lib/contract/clone-url";
import { createCredentialBody, rotateCredentialBody } from "@/lib/contract/credentials";
import { explainToken } from "@/lib/contract/explain-token";
import { credentialPath, decodeSegment, repositoryPath } from "@/lib/contract/paths";
import { DEFAULT_HOSTS, providerName, PROVIDERS, upstreamHost } from "@/lib/contract/providers";
import {
  branchName,
  createRepositoryBody,
  listRepositoriesQuery,
  repositoryName,
  upstreamOwner,
} from "@/lib/contract/repositories";
import { repositoriesPageHref, repositoriesPageQuery } from "@/lib/contract/repositories-page";
import { SCOPES } from "@/lib/contract/scopes";
import { secretAdvice } from "@/lib/contract/secret-advice";
import { pullBody } from "@/lib/contract/sync-runs";
import { minutesWords, policyProblem, readClaims } from "@/lib/contract/token-claims";
import { createWebhookBody, WEBHOOK_EVENTS } from "@/lib/contract/webhooks";
import { DomainError } from "@/lib/domain/errors";
import { parseLines } from "@/lib/domain/imports/parse-lines";
import { readLine } from "@/lib/domain/imports/read-line";
import { hashRecoveryCode, newRecoveryCodes } from "@/lib/domain/second-factor/recovery-codes";
import { newTotpSecret, stepOfCode } from "@/lib/domain/second-factor/totp";
import { parsePublicKey } from "@/lib/domain/signing-keys/parse-public-key";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { usernameHint } from "@/lib/domain/credentials/username-hint";
import { parseEnv } from "@/lib/platform/env";
import { clientAddress } from "@/scripts/web/client-address";

/** Any text there is: printable, control characters, halves of characters. */
const anyText = fc.string({ unit: "binary", maxLength: 300 });
const textOf = (letters: string, size = 20) =>
  fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: size });

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const part = textOf(`${LETTERS}_-.~`).filter((text) => /^[a-z0-9]/.test(text) && !text.endsWith(".git"));
const label = textOf(LETTERS, 12);
const host = fc.tuple(label, label, fc.constantFrom("example", "test")).map((labels) => labels.join("."));
const owner = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
/** Found again wherever it turns up. */
const secret = textOf(`${LETTERS}!$&'()*+,;=-._~`, 40).map((text) => `sEcReT${text}`);

describe("a clone address", () => {
  const plain = { username: null, secret: null };

  it("never throws, and what it is taken apart into is of the shape that the form wants", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.webUrl({ withQueryParameters: true, withFragments: true })), (pasted) => {
        const parsed = parseCloneUrl(pasted);
        if (!parsed) return;
        const { host: where, owner: whose, name } = parsed;
        expect(where).toBe(where.toLowerCase());
        for (const text of [where, whose, name]) expect(text).not.toMatch(/^$|@|^\/|\/$/);
        expect(name).not.toContain("/");
      }),
    );
  });

  it("comes back whole in every way that hosts write it", () => {
    fc.assert(
      fc.property(host, owner, part, fc.constantFrom(".git", "", "/"), (where, whose, name, end) => {
        // What a host's web pages add is left out.
        fc.pre(![...whose.split("/"), name].slice(2).some((each) => /^(-|src|branches|commits|settings)$/.test(each)));
        const expected = { provider: parseCloneUrl(`https://${where}/a/b`)!.provider, host: where, owner: whose, name };
        for (const address of [
          `https://${where}/${whose}/${name}${end}`,
          `http://${where}/${whose}/${name}${end}`,
          `ssh://git@${where}:2222/${whose}/${name}${end}`,
          `${where}/${whose}/${name}${end}`,
        ]) {
          expect(parseCloneUrl(address), address).toEqual({ ...expected, ...plain });
        }
        // Without a user and with a number for an owner, it cannot be told from a port.
        if (!/^\d+(\/|$)/.test(whose)) {
          expect(parseCloneUrl(`git@${where}:${whose}/${name}.git`)).toEqual({ ...expected, ...plain });
        }
      }),
    );
  });

  it("gives a secret up apart from everything else, or nothing at all", () => {
    const user = fc.oneof(textOf(`${LETTERS}.-_`), fc.constant(""));
    const scheme = fc.constantFrom("https://", "http://", "ssh://", "git+ssh://", "");
    fc.assert(
      fc.property(scheme, user, secret, host, owner, part, (before, who, hidden, where, whose, name) => {
        const parsed = parseCloneUrl(`${before}${who}:${hidden}@${where}/${whose}/${name}`);
        const { secret: found, ...rest } = parsed ?? { secret: null };
        expect(JSON.stringify(rest)).not.toContain("sEcReT");
        if (/^https?:|^$/.test(before)) expect(found).toBe(hidden);
      }),
    );
  });

  it("with a secret that nobody encoded is taken apart right or not at all", () => {
    const raw = fc.string({ unit: "grapheme-ascii", maxLength: 30 }).map((text) => `sEcReT${text}`);
    const user = fc.oneof(textOf(LETTERS), host);
    const scheme = fc.constantFrom("https://", "ssh://", "");
    fc.assert(
      fc.property(scheme, user, raw, host, owner, part, (before, who, hidden, where, whose, name) => {
        const { secret: _, ...rest } = parseCloneUrl(`${before}${who}:${hidden}@${where}/${whose}/${name}`) ?? {};
        expect(JSON.stringify(rest)).not.toContain("sEcReT");
      }),
      { numRuns: 1000 },
    );
  });

  it("on a provider's own host names that provider", () => {
    for (const provider of PROVIDERS) {
      const own = DEFAULT_HOSTS[provider];
      if (own) expect(parseCloneUrl(`https://${own}/a/b`)?.provider).toBe(provider);
    }
    fc.assert(
      fc.property(host, (where) => {
        const { provider } = parseCloneUrl(`https://${where}/a/b`)!;
        expect(provider).toBe(PROVIDERS.find((each) => where.startsWith(`${each}.`)) ?? null);
      }),
    );
  });
});

describe("a credential's body", () => {
  const anyBody = fc.anything({ withNullPrototype: true });

  it("is taken or refused, never thrown at, and what is taken can be stored", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyBody,
          fc.record({ repo_id: fc.oneof(anyText, anyBody), username: fc.oneof(anyText, anyBody), password: anyText }),
        ),
        (body) => {
          const { success, data } = createCredentialBody.safeParse(body);
          if (!success) return;
          const bytes = Buffer.byteLength(data.password);
          expect(bytes).toBeGreaterThan(0);
          expect(bytes).toBeLessThanOrEqual(4096);
          expect(`${data.password}${data.username ?? ""}`).not.toMatch(/\p{Cc}/u);
          expect(data.password.isWellFormed()).toBe(true);
          expect(data.username ?? "").not.toContain(":");
          expect(Object.keys(data).every((name) => ["repo_id", "username", "password"].includes(name))).toBe(true);
        },
      ),
    );
  });

  it("comes out as it went in, except for what nobody asked for", () => {
    const stored = fc.string({ minLength: 1, maxLength: 100 });
    const name = fc.option(
      stored.filter((text) => !text.includes(":")),
      { nil: null },
    );
    fc.assert(
      fc.property(stored, name, stored, (id, username, password) => {
        expect(rotateCredentialBody.parse({ id, username, password, admin: true })).toEqual({ id, username, password });
      }),
    );
  });

  it("is refused in words that repeat nothing of it", () => {
    const wrong = fc
      .tuple(secret, fc.constantFrom("\n", "\0", "\ud800", "x".repeat(4096)))
      .map((both) => both.join(""));
    fc.assert(
      fc.property(wrong, wrong, (username, password) => {
        const { error } = createCredentialBody.safeParse({ repo_id: "r", username, password });
        expect(error).toBeDefined();
        expect(JSON.stringify(error!.issues.map(({ message, path }) => [message, path]))).not.toContain("sEcReT");
      }),
    );
  });

  it("has its username shown only where that cannot be the token", () => {
    const token = fc.stringMatching(/^[A-Za-z0-9]{20,60}$/);
    fc.assert(
      fc.property(
        fc.oneof(
          token,
          token.map((text) => `glpat-${text}`),
        ),
        (username) => {
          expect(usernameHint(username)).toBeNull();
        },
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...PROVIDERS), anyText, (provider, text) => {
        const advice = secretAdvice(provider, `sEcReT${text}`);
        expect(advice?.message ?? "").not.toContain("sEcReT");
      }),
    );
  });
});

describe("when a token ends", () => {
  const body = (expires_at: unknown) => ({ repo_id: "app", password: "x", expires_at });

  it("is a time to come or is refused, whatever is said", () => {
    const said = fc.oneof(
      anyText,
      fc.anything(),
      fc.date({ noInvalidDate: true }).map((date) => date.toJSON()),
    );
    fc.assert(
      fc.property(said, (end) => {
        const { success, data } = createCredentialBody.safeParse(body(end));
        if (!success || data.expires_at === null || data.expires_at === undefined) return;
        expect(data.expires_at.getTime()).toBeGreaterThan(Date.now());
      }),
    );
  });

  it("is the moment that was said, or the beginning of the day", () => {
    const [soon, late] = [new Date(Date.now() + 2 * 86_400_000), new Date("9999-12-31T00:00:00Z")];
    fc.assert(
      fc.property(fc.date({ min: soon, max: late, noInvalidDate: true }), (end) => {
        const moment = end.toISOString();
        expect(createCredentialBody.parse(body(moment)).expires_at?.toISOString()).toBe(moment);
        const day = moment.slice(0, 10);
        expect(createCredentialBody.parse(body(day)).expires_at?.toISOString()).toBe(`${day}T00:00:00.000Z`);
      }),
    );
  });
});

describe("a webhook's body", () => {
  it("is taken or refused, never thrown at, and what is taken can be sent to", () => {
    const url = fc.oneof(
      anyText,
      fc.webUrl({ withFragments: true }),
      host.map((where) => `https://u:p@${where}/`),
    );
    const events = fc.oneof(fc.anything(), fc.array(fc.constantFrom(...WEBHOOK_EVENTS), { maxLength: 25 }));
    fc.assert(
      fc.property(url, fc.oneof(anyText, textOf(LETTERS, 300)), events, (address, key, wanted) => {
        const { success, data } = createWebhookBody.safeParse({ url: address, secret: key, events: wanted });
        if (!success) return;
        const parsed = new URL(data.url);
        expect(parsed).toMatchObject({ protocol: "https:", username: "", password: "", hash: "" });
        expect(data.secret).toMatch(/^[\x21-\x7e]{16,256}$/);
        expect(data.events.length).toBeGreaterThan(0);
        expect(new Set(data.events).size).toBe(data.events.length);
      }),
    );
  });
});

describe("a list's page", () => {
  it("has a limit from 1 to 100, or is refused, and a cursor that is not too long", () => {
    const number = fc.integer({ min: -5, max: 2_000 }).map(String);
    fc.assert(
      fc.property(fc.oneof(anyText, number), fc.option(anyText, { nil: undefined }), (limit, cursor) => {
        const { success, data } = listRepositoriesQuery.safeParse({ limit, cursor });
        const whole = /^\d{1,3}$/.test(limit) && Number(limit) >= 1 && Number(limit) <= 100;
        expect(success).toBe(whole && (cursor ?? "").length <= 200);
        if (success) expect(data).toEqual({ limit: Number(limit), cursor });
      }),
    );
  });
});

describe("lines to import", () => {
  const value = textOf(`${LETTERS} ,;"'\t!$-`, 30);

  it("are taken apart or refused, never thrown at, in words that hold nothing of them", () => {
    const line = fc.array(fc.oneof(anyText, secret, host), { maxLength: 6 }).map((values) => values.join(","));
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          fc.array(line, { maxLength: 5 }).map((lines) => lines.join("\n")),
        ),
        (text) => {
          try {
            for (const given of parseLines(text)) {
              const read = readLine(given, "gitea");
              if ("problem" in read) continue;
              expect(JSON.stringify({ ...read, secret: null })).not.toContain("sEcReT");
              expect(repositoryName.safeParse(read.repository).success).toBe(true);
            }
          } catch (error) {
            expect(error).toBeInstanceOf(DomainError);
            expect((error as Error).message).not.toContain("sEcReT");
          }
        },
      ),
    );
  });

  it("give every value back that a table quotes", () => {
    fc.assert(
      fc.property(host, fc.array(value, { minLength: 1, maxLength: 3 }), (where, values) => {
        const quoted = values.map((each) => `"${each.replaceAll('"', '""')}"`);
        const [given] = parseLines([`https://${where}/a/b`, ...quoted].join(","));
        expect(given?.values).toEqual([`https://${where}/a/b`, ...values]);
      }),
    );
  });
});

describe("a public key's PEM", () => {
  const pems = (["ed25519", "rsa", "ec"] as const).map((kind) => {
    const options = { modulusLength: 2048, namedCurve: "P-256" };
    const { publicKey } = generateKeyPairSync(kind as "rsa", options);
    return publicKey.export({ type: "spki", format: "pem" }).toString();
  });

  it("is read as the same key or refused, however it was changed on its way", async () => {
    const change = fc.record({ at: fc.nat(450), gone: fc.nat(40), put: fc.string({ maxLength: 10 }) });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...pems), change, async (pem, { at, gone, put }) => {
        const changed = pem.slice(0, at) + put + pem.slice(at + gone);
        try {
          const { publicKeyPem, algorithm, thumbprint } = await parsePublicKey(changed);
          expect(await parsePublicKey(publicKeyPem)).toEqual({ publicKeyPem, algorithm, thumbprint });
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError);
          if (put.length > 6) expect((error as Error).message).not.toContain(put);
        }
      }),
    );
  });
});

describe("a second factor's codes", () => {
  it("are judged, never thrown at, and of six digits one in a million is right", () => {
    const shared = newTotpSecret();
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(fc.oneof(anyText, digits), fc.date({ min: new Date(0), noInvalidDate: true }), (code, now) => {
        const step = stepOfCode(shared, code, now);
        if (step === null) return;
        expect(code).toMatch(/^\d{6}$/);
        expect(Math.abs(step - Math.floor(now.getTime() / 30_000))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("of recovery are the same however they are typed, and nothing else is one", () => {
    const { codes, hashes } = newRecoveryCodes();
    const blanks = fc.constantFrom("", " ", "-", "--", "\t");
    fc.assert(
      fc.property(fc.nat(codes.length - 1), blanks, fc.boolean(), anyText, (which, between, loud, other) => {
        const typed = codes[which]!.replaceAll("-", between);
        expect(hashRecoveryCode(loud ? typed.toUpperCase() : typed)).toBe(hashes[which]);
        expect(hashes).not.toContain(hashRecoveryCode(other));
      }),
    );
  });
});

describe("a path", () => {
  it("holds any name as one segment, and gives it back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (name) => {
        const segments = repositoryPath("acme", name).split("/");
        expect(segments).toHaveLength(4);
        expect(decodeSegment(segments[3]!)).toBe(name);
      }),
    );
  });

  it("leads where it says, for every name that a repository may have", () => {
    fc.assert(
      fc.property(textOf(`${LETTERS}._/-`), (name) => {
        fc.pre(repositoryName.safeParse(name).success);
        const path = credentialPath("acme", name);
        expect(new URL(path, "https://x.example").pathname).toBe(path);
      }),
    );
  });

  it("is decoded or refused, never thrown at", () => {
    fc.assert(
      fc.property(anyText, (segment) => {
        expect(["string", "undefined"]).toContain(typeof decodeSegment(segment));
      }),
    );
  });
});

describe("a token's claims", () => {
  const value = fc.oneof(fc.anything(), anyText, fc.constantFrom("org", "team/app", "\0", "\ud800"));
  const scopes = fc.oneof(value, fc.array(fc.oneof(fc.constantFrom(...SCOPES), anyText)), fc.array(value));

  it("are read or refused, never thrown at, and give nothing that they do not say", () => {
    fc.assert(
      fc.property(fc.record({ sub: value, repo: value, scopes }, { requiredKeys: [] }), (payload) => {
        const read = readClaims(payload);
        if ("problem" in read) {
          expect(read.problem).toMatch(/^The token's (repo|scopes) claim must be .+\.$/);
          return;
        }
        expect(SCOPES).toEqual(expect.arrayContaining([...read.scopes]));
        expect(payload.scopes).toEqual(expect.arrayContaining([...read.scopes]));
        expect(read.subject.length).toBeGreaterThan(0);
        expect(read.subject.length).toBeLessThanOrEqual(255);
        expect(`${read.subject}${read.repository ?? ""}`).not.toContain("\0");
        expect(`${read.subject}${read.repository ?? ""}`.isWellFormed()).toBe(true);
        expect(read.repository).toBe(payload.repo === undefined ? undefined : (payload.repo as string).toWellFormed());
      }),
    );
  });

  it("that a policy lets pass end when it says", () => {
    const time = fc.integer({ min: -1_000_000, max: 1_000_000 });
    const now = 1_800_000_000;
    fc.assert(
      fc.property(fc.option(time, { nil: undefined }), time, fc.integer({ min: 1, max: 50_000 }), (iat, exp, most) => {
        const claims = { iat: iat === undefined ? undefined : now + iat, exp: now + exp };
        const against = policyProblem(claims, { audience: null, maxMinutes: most }, new Date(now * 1000));
        if (against === undefined) expect(claims.exp).toBeLessThanOrEqual(now + 60 + most * 60);
        expect(policyProblem(claims, { audience: null, maxMinutes: null }, new Date(now * 1000))).toBeUndefined();
      }),
    );
  });

  it("are judged by the audience, whatever stands there", () => {
    fc.assert(
      fc.property(fc.anything(), fc.stringMatching(/^[a-z]{1,9}$/), (aud, audience) => {
        const policy = { audience, maxMinutes: null };
        const passes = policyProblem({ aud }, policy, new Date()) === undefined;
        expect(passes).toBe(aud === audience || (Array.isArray(aud) && aud.includes(audience)));
        expect(policyProblem({ aud: audience }, policy, new Date())).toBeUndefined();
      }),
    );
  });

  it("have a longest life in words that say exactly that", () => {
    const minutes = { minute: 1, hour: 60, day: 1440 };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (length) => {
        const [, count, unit] = /^(\d+) (minute|hour|day)s?$/.exec(minutesWords(length))!;
        expect(Number(count) * minutes[unit as keyof typeof minutes]).toBe(length);
      }),
    );
  });
});

describe("a token that is explained", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const publicKeyPem = publicKey.export({ type: "spki", format: "pem" }).toString();
  const key = { id: "key_1", name: "ci", algorithm: "ES256", thumbprint: "t", publicKeyPem, revoked: false };
  const judge = { organization: "acme", keys: [key], now: new Date(), scope: null, repository: "" } as const;
  const policy = { audience: null, maxMinutes: null };
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

  it("is let in or refused for a reason, never thrown at, whatever is pasted and whatever it claims", async () => {
    const time = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.integer(), fc.anything());
    const claims = fc.record(
      {
        exp: time,
        nbf: time,
        iat: time,
        iss: fc.constantFrom("acme", 1, ""),
        scopes: fc.anything(),
        repo: fc.anything(),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyText, claims), async (pasted) => {
        let token = pasted;
        if (typeof token !== "string") {
          const head = `${encode({ alg: "ES256", typ: "JWT" })}.${encode({ iss: "acme", ...token })}`;
          const signature = sign("sha256", Buffer.from(head), { key: privateKey, dsaEncoding: "ieee-p1363" });
          token = `${head}.${signature.toString("base64url")}`;
        }
        const { status, words } = await explainToken(token, { ...judge, policy });
        expect([null, 401, 403]).toContain(status);
        expect(words).not.toBe("");
        if (typeof pasted === "string") expect(status).toBe(401);
      }),
      { numRuns: 300 },
    );
  });
});

describe("names", () => {
  it("of a host come back the same when read again, and hold no sign-in", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, host, fc.webAuthority({ withPort: true, withUserInfo: true })), (text) => {
        const { success, data } = upstreamHost.safeParse(text);
        if (!success) return;
        expect(upstreamHost.parse(data)).toBe(data);
        const url = new URL(`https://${data}/`);
        expect([url.username, url.password, url.pathname]).toEqual(["", "", "/"]);
      }),
    );
  });

  it("of a provider are one of ours, and no others", () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.constantFrom(...PROVIDERS, "sourcehut")), (value) => {
        const { success, data } = providerName.safeParse(value);
        expect(success).toBe(value === "sourcehut" || (PROVIDERS as readonly unknown[]).includes(value));
        if (success) expect(PROVIDERS).toContain(data);
      }),
    );
  });

  it("of repositories, owners, branches and pulled refs lead nowhere else", () => {
    const pieces = fc.constantFrom(
      "a",
      "B",
      "7",
      ".",
      "..",
      "/",
      "-",
      "_",
      "~",
      " ",
      "\\",
      "@{",
      ".lock",
      "\0",
      "%2e",
      "é",
    );
    const text = fc.oneof(
      anyText,
      fc.array(pieces, { maxLength: 8 }).map((all) => all.join("")),
    );
    fc.assert(
      fc.property(text, (value) => {
        for (const schema of [repositoryName, upstreamOwner]) {
          if (schema.safeParse(value).success) expect(new URL(`https://x.example/${value}`).pathname).toBe(`/${value}`);
        }
        for (const taken of [branchName.safeParse(value), pullBody.safeParse({ ref: value })]) {
          if (taken.success) expect(value).not.toMatch(/^-|\.\.|[\0-\x20\x7f]|^$/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("of a repository to be made are taken or refused, never thrown at", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.record({ base_repo: fc.anything(), default_branch: fc.anything() })),
        (body) => {
          expect(typeof createRepositoryBody.safeParse(body).success).toBe("boolean");
        },
      ),
    );
  });
});

describe("a page's address", () => {
  const query = fc.dictionary(
    fc.constantFrom("q", "state", "provider", "sort", "page", "reason", "action", "actor", "before"),
    fc.oneof(anyText, fc.array(anyText), fc.constantFrom("all", "with", "gitlab", "-name", "2", "missing", "7")),
  );

  it("is understood or counts as not said, and is the same when made anew", () => {
    fc.assert(
      fc.property(query, (typed) => {
        const again = (href: string) => Object.fromEntries(new URL(href, "https://x.example").searchParams);
        const wellFormed = (text: string) => fc.pre(text.isWellFormed());
        const repositories = repositoriesPageQuery.parse(typed);
        wellFormed(repositories.q);
        expect(repositoriesPageQuery.parse(again(repositoriesPageHref("/r", repositories)))).toEqual(repositories);
        const attention = attentionPageQuery.parse(typed);
        expect(attentionPageQuery.parse(again(attentionPageHref("/a", attention)))).toEqual(attention);
        const audit = auditPageQuery.parse(typed);
        wellFormed(audit.action + audit.actor);
        expect(auditPageQuery.parse(again(auditPageHref("/l", audit)))).toEqual(audit);
      }),
    );
  });
});

describe("a list in the configuration", () => {
  const entry = fc.oneof(
    anyText,
    fc.ipV4(),
    fc.ipV6(),
    host,
    fc.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: -1, max: 140 })).map((both) => both.join("/")),
    fc.tuple(host, fc.integer({ min: 0, max: 99_999 })).map((both) => both.join(":")),
  );
  const list = fc.array(entry, { maxLength: 4 }).map((entries) => entries.join(","));

  it.each(["LATCHKEY_EGRESS_ALLOW", "LATCHKEY_TRUSTED_PROXIES"] as const)(
    "%s is taken and can be used, or is refused in a sentence that names it",
    (name) => {
      fc.assert(
        fc.property(list, (text) => {
          let entries: string[];
          try {
            entries = parseEnv({ [name]: text })[name];
          } catch (error) {
            expect((error as Error).message).toMatch(new RegExp(`^${name} must list .+\\.$`));
            return;
          }
          expect(parseEnv({ [name]: entries.join(" , ") })[name]).toEqual(entries);
          expect(entries.every((each) => each.trim() === each && each !== "")).toBe(true);
          if (name === "LATCHKEY_EGRESS_ALLOW")
            expect(createEgressPolicy(entries).allows("x.example", "8.8.8.8")).toBe(true);
          else expect(typeof clientAddress(entries)).toBe("function");
        }),
        { numRuns: 500 },
      );
    },
  );
});
