import { execFile } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import net from "node:net";
import { promisify } from "node:util";
import { SignJWT } from "jose";
import { operations, type Operation } from "@/lib/contract/operations";
import { makeOrganization, makeRepository, makeSigningKey } from "@/prisma/factories";
import { callApi, comparable } from "./support/api";
import { expect, test } from "./support/fixtures";

const run = promisify(execFile);
const UNKNOWN = "ggc_000000000000000000000000";
const secret = () => randomBytes(12).toString("hex");

test("the contract's curl examples", async ({ latchkey, organization, key }) => {
  const repository = await makeRepository(latchkey.db, organization, "examples");
  const curl = async (method: string, body: object) => {
    const script = `curl -sS -w '\\n%{http_code}' "$CODE_STORAGE_BASE_URL/repos/git-credentials" \\
      -X ${method} \\
      -H "Authorization: Bearer $CODE_STORAGE_TOKEN" \\
      -H "Content-Type: application/json" \\
      -d '${JSON.stringify(body)}'`;
    const { stdout } = await run("bash", ["-c", script], {
      env: {
        PATH: process.env.PATH,
        NODE_ENV: "test",
        CODE_STORAGE_BASE_URL: `${latchkey.url}/api/v1`,
        CODE_STORAGE_TOKEN: await key.token(),
      },
    });
    const [answer, status] = [stdout.slice(0, stdout.lastIndexOf("\n")), stdout.slice(stdout.lastIndexOf("\n") + 1)];
    return { status: Number(status), answer: answer && (JSON.parse(answer) as { id: string; created_at: string }) };
  };
  const created = await curl("POST", { repo_id: repository.id, username: "git", password: "glpat_xxxxxxxxxxxx" });
  expect(created.status).toBe(201);
  expect(created.answer).toEqual({
    id: expect.stringMatching(/^ggc_/),
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
  const { id } = created.answer as { id: string };
  expect(await curl("PUT", { id, username: "git", password: "glpat_rotated_token" })).toEqual({
    status: 200,
    answer: created.answer,
  });
  expect(await curl("DELETE", { id })).toEqual({ status: 204, answer: "" });
});

test("both families speak of the same credential", async ({ request, latchkey, organization, key }) => {
  await makeRepository(latchkey.db, organization, "team/app");
  const token = await key.token({ repo: "team/app" });
  const params = { repo_name: "team/app" };
  const created = await callApi(request, "createRepositoryCredential", {
    token,
    params,
    body: { username: "git", password: secret() },
  });
  expect(created.status()).toBe(201);
  const { id, created_at } = (await created.json()) as { id: string; created_at: string };

  const list = await callApi(request, "listRepositoryCredentials", { token, params });
  const { credentials } = (await list.json()) as { credentials: object[] };
  expect(credentials).toEqual([
    expect.objectContaining({ id, has_username: true, version: 1, created_at, rotated_at: null, state: "not_tested" }),
  ]);
  expect(Object.keys(credentials[0]!).sort()).toEqual(
    ["created_at", "expires_at", "has_username", "id", "repo_id", "rotated_at", "state", "tested_at", "version"].sort(),
  );

  const conflict = await callApi(request, "createCredential", {
    token,
    body: { repo_id: "team/app", password: secret() },
  });
  expect(conflict.status()).toBe(409);
  expect(await conflict.json()).toMatchObject({ id, code: "credential_exists" });

  const cleared = await callApi(request, "rotateRepositoryCredential", {
    token,
    params: { ...params, id },
    body: { username: "", password: secret() },
  });
  expect(cleared.status()).toBe(200);
  const read = await callApi(request, "readRepositoryCredential", { token, params: { ...params, id } });
  expect(await read.json()).toMatchObject({ id, has_username: false, version: 2 });

  expect((await callApi(request, "removeRepositoryCredential", { token, params: { ...params, id } })).status()).toBe(
    204,
  );
  const empty = await callApi(request, "listRepositoryCredentials", { token, params });
  expect(await empty.json()).toEqual({ credentials: [] });
});

test("refusals come in the documented order", async ({ request, latchkey, organization, key }) => {
  const other = await makeRepository(latchkey.db, organization, "other");
  const none = await makeRepository(latchkey.db, organization, "no-upstream", null);
  const path = operations.createCredential.path;
  const send = async (init: { method?: string; token?: string; type?: string; data?: string | Buffer }) => {
    const { token, type = "application/json", data = "{}" } = init;
    const headers = { "content-type": type, ...(token && { authorization: `Bearer ${token}` }) };
    // As bytes: a text that is no JSON would be sent as a JSON string.
    const response = await request.fetch(path, { method: init.method ?? "POST", headers, data: Buffer.from(data) });
    return [response.status(), ((await response.json()) as { code: string }).code] as const;
  };
  const huge = Buffer.alloc(65 * 1024, "x");
  const weak = await key.token({ scopes: ["git:read"] });
  const bound = await key.token({ repo: "somewhere/else" });
  const body = (fields: object) => JSON.stringify(fields);

  // Each request is wrong in every later way too.
  expect(await send({ method: "PATCH", type: "text/plain", data: huge })).toEqual([405, "method_not_allowed"]);
  expect(await send({ token: "no.such.token", type: "text/plain", data: huge })).toEqual([401, "unauthenticated"]);
  expect(await send({ token: weak, type: "text/plain", data: huge })).toEqual([403, "missing_scope"]);
  expect(await send({ token: bound, type: "text/plain", data: huge })).toEqual([413, "body_too_large"]);
  expect(await send({ token: bound, type: "text/plain", data: "{" })).toEqual([415, "unsupported_media_type"]);
  expect(await send({ token: bound, data: "{" })).toEqual([400, "invalid_json"]);
  expect(await send({ token: bound, data: body({ repo_id: other.id }) })).toEqual([400, "invalid_request"]);
  expect(await send({ token: bound, data: body({ repo_id: other.id, password: "x" }) })).toEqual([
    403,
    "wrong_repository",
  ]);
  expect(await send({ token: bound, data: body({ repo_id: "somewhere/else", password: "x" }) })).toEqual([
    404,
    "not_found",
  ]);
  const free = await key.token();
  expect(await send({ token: free, data: body({ repo_id: none.id, password: "x" }) })).toEqual([400, "no_upstream"]);
  const withOne = body({ repo_id: other.id, password: "x" });
  await send({ token: free, data: withOne });
  expect(await send({ token: free, data: withOne })).toEqual([409, "credential_exists"]);
});

test("nothing but text reaches a query, and a refused request changes nothing", async ({
  request,
  latchkey,
  organization,
  key,
}) => {
  const { id: repo } = await makeRepository(latchkey.db, organization, "strict");
  const token = await key.token();
  const created = await callApi(request, "createCredential", { token, body: { repo_id: repo, password: "first" } });
  const { id } = (await created.json()) as { id: string };
  const before = await latchkey.db.gitCredential.findMany({ where: { repositoryId: repo } });
  const raw = (method: string, data: string | Buffer) =>
    request.fetch(operations.rotateCredential.path, {
      method,
      data: Buffer.from(data),
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    });
  const wrong: unknown[] = [
    { id: { not: "" }, password: "x" },
    { id: { contains: "ggc" }, password: "x" },
    { id: [id], password: "x" },
    { id: null, password: "x" },
    { id: 1, password: "x" },
    { id, password: { set: "x" } },
    { id, password: 1 },
    { id, password: "" },
    { id, password: "line\nbreak" },
    { id, password: "x".repeat(4097) },
    { id, password: "x", username: "with:colon" },
    { id, password: "x", username: "y".repeat(256) },
    { id, password: "x", username: { equals: "git" } },
    [],
    "text",
    null,
    7,
  ];
  for (const body of wrong) {
    const answer = await raw("PUT", JSON.stringify(body));
    expect(answer.status(), JSON.stringify(body).slice(0, 80)).toBe(400);
    expect(typeof ((await answer.json()) as { error: unknown }).error).toBe("string");
  }
  const malformed = [
    "{",
    '{"id":"a"',
    `{"id":"${id}","password":"\\ud800"}`,
    `{"id":"${id}","password":"a\\u0000b"}`,
    Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
  ];
  for (const body of malformed) expect((await raw("PUT", body)).status()).toBe(400);
  expect((await raw("DELETE", JSON.stringify({ id: { not: "" } }))).status()).toBe(400);
  expect((await raw("DELETE", "")).status()).toBe(400);
  expect(await latchkey.db.gitCredential.findMany({ where: { repositoryId: repo } })).toEqual(before);
});

test("another organization's credential answers exactly as one that never was", async ({
  request,
  latchkey,
  organization,
  key,
}) => {
  const { id: repo } = await makeRepository(latchkey.db, organization, "mine");
  const created = await callApi(request, "createCredential", {
    token: await key.token(),
    body: { repo_id: repo, password: secret() },
  });
  const { id } = (await created.json()) as { id: string };
  const stranger = await makeOrganization(latchkey.db, `org-${randomBytes(5).toString("hex")}`);
  const token = await (await makeSigningKey(latchkey.db, stranger)).token();
  const unknownRepository = "repo_000000000000000000000000";

  const pairs = [
    ["rotateCredential", { body: { id, password: "x" } }, { body: { id: UNKNOWN, password: "x" } }],
    ["removeCredential", { body: { id } }, { body: { id: UNKNOWN } }],
    [
      "createCredential",
      { body: { repo_id: repo, password: "x" } },
      { body: { repo_id: unknownRepository, password: "x" } },
    ],
    ["readRepository", { params: { repo_name: "mine" } }, { params: { repo_name: "never" } }],
    ["listRepositoryCredentials", { params: { repo_name: repo } }, { params: { repo_name: unknownRepository } }],
    ["deleteRepository", { params: { repo_name: repo } }, { params: { repo_name: unknownRepository } }],
  ] as const;
  for (const [name, foreign, unknown] of pairs) {
    const answers = [
      await callApi(request, name, { token, ...foreign }),
      await callApi(request, name, { token, ...unknown }),
    ] as const;
    expect(answers[0].status(), name).toBe(404);
    expect(await comparable(answers[0]), name).toBe(await comparable(answers[1]));
  }
  // And the owner is not refused.
  const mine = await callApi(request, "rotateCredential", {
    token: await key.token(),
    body: { id, password: secret() },
  });
  expect(mine.status()).toBe(200);
});

test("a token that is wrong in any way is refused alike, with a challenge", async ({
  request,
  latchkey,
  organization,
  key,
}) => {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: organization.slug, scopes: ["org:read"], repo: "org", exp: now + 60 };
  const foreign = await makeOrganization(latchkey.db, `org-${randomBytes(5).toString("hex")}`);
  const foreignKey = await makeSigningKey(latchkey.db, foreign);
  const unsigned = (header: object, payload: object) =>
    `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.`;
  const { privateKey: rsa } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const revoked = await makeSigningKey(latchkey.db, organization, "revoked");
  await latchkey.db.signingKey.update({ where: { id: revoked.id }, data: { revokedAt: new Date() } });
  const good = await key.token();
  const [head, body, signature] = good.split(".") as [string, string, string];

  const tokens: Record<string, string> = {
    "no signature": unsigned({ alg: "none", typ: "JWT" }, claims),
    "alg none with a signature": `${unsigned({ alg: "none" }, claims)}AAAA`,
    "the public key as an HMAC secret": await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode(key.publicKeyPem)),
    "a key of another kind": await new SignJWT(claims).setProtectedHeader({ alg: "RS256" }).sign(rsa),
    "an embedded key": await new SignJWT(claims)
      .setProtectedHeader({ alg: "RS256", jwk: { kty: "RSA", n: "AQAB", e: "AQAB" }, jku: "https://evil.example/k" })
      .sign(rsa),
    "another organization's key": await foreignKey.token({ iss: organization.slug }),
    "a revoked key": await revoked.token(),
    expired: await key.token({ exp: now - 120 }),
    "not yet valid": await key.token({ nbf: now + 600 }),
    "without an end": await key.token({ exp: undefined }),
    "an issuer that is no name": await key.token({ iss: { not: "" } }),
    "scopes that are no list": await key.token({ scopes: "repo:write" }),
    "a repository that is no text": await key.token({ repo: { not: "" } }),
    "a changed body": `${head}.${body.slice(0, -2)}AA.${signature}`,
    "longer than 8 KB": await key.token({ padding: "x".repeat(9000) }),
    "not a token": "abc",
  };
  for (const [what, token] of Object.entries(tokens)) {
    const answer = await callApi(request, "listRepositories", { token });
    expect(answer.status(), what).toBe(401);
    expect(answer.headers()["www-authenticate"], what).toMatch(/^Bearer /);
  }
  expect((await request.get(operations.listRepositories.path)).status()).toBe(401);
  expect((await callApi(request, "listRepositories", { token: good })).status()).toBe(200);
  // An expired token within the leeway of a minute is still good.
  expect((await callApi(request, "listRepositories", { token: await key.token({ exp: now - 30 }) })).status()).toBe(
    200,
  );
});

test("a dashboard session means nothing to the API", async ({ ownerPage, organization }) => {
  const answer = await ownerPage.request.get(operations.listRepositories.path);
  expect(answer.status()).toBe(401);
  expect((await ownerPage.request.get(`/${organization.slug}/repos`)).status()).toBe(200);
});

test("every path answers the methods that the OpenAPI document gives it, and 405 to the others", async ({
  request,
}) => {
  const document = (await (await request.get("/api/openapi.json")).json()) as {
    openapi: string;
    paths: Record<string, Record<string, { operationId: string; responses: object }>>;
  };
  expect(document.openapi).toBe("3.1.0");
  const declared: Operation[] = Object.values(operations);
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(documented.sort()).toEqual(declared.map(({ method, path }) => `${method} ${path}`).sort());
  for (const [path, methods] of Object.entries(document.paths)) {
    const url = path.replace(/\{\w+\}/g, "x");
    const refused = await request.fetch(url, { method: "PATCH" });
    expect(refused.status(), path).toBe(405);
    const allowed = refused
      .headers()
      ["allow"]!.split(", ")
      .filter((method) => method !== "HEAD");
    expect(allowed.sort(), path).toEqual(
      Object.keys(methods)
        .map((method) => method.toUpperCase())
        .sort(),
    );
    for (const method of allowed)
      expect((await request.fetch(url, { method })).status(), `${method} ${path}`).toBe(401);
  }
});

test("paths outside the contract answer JSON too", async ({ request }) => {
  const unknown = await request.get("/api/v1/nothing/here");
  expect(unknown.status()).toBe(404);
  expect(unknown.headers()["content-type"]).toBe("application/json");
  for (const path of ["/api/health", "/api/ready", "/api/openapi.json"]) {
    expect((await request.get(path)).status(), path).toBe(200);
    const refused = await request.post(path);
    expect([refused.status(), refused.headers()["allow"]], path).toEqual([405, "GET, HEAD"]);
  }
  expect((await request.get("/api/v1/repos")).headers()["x-powered-by"]).toBeUndefined();
});

test("a body that never ends is given up after the deadline", async ({ latchkey, key }) => {
  const { port } = new URL(latchkey.url);
  const token = await key.token();
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = net.connect(Number(port), "localhost");
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk.toString();
      if (received.includes("\r\n\r\n")) socket.end();
    });
    socket.on("close", () => resolve(received));
    socket.on("error", reject);
    socket.write(
      `PUT ${operations.rotateCredential.path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"id":',
    );
  });
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
});

test("a repository is created, listed, read and deleted as documented", async ({ request, key }) => {
  const token = await key.token({ repo: "group/thing" });
  const organization = await key.token();
  const create = (body: unknown, as = token) => callApi(request, "createRepository", { token: as, body });
  const base = { provider: "gitea", owner: "acme", name: "thing" };
  expect((await create({ base_repo: base })).status()).toBe(400);
  expect((await create({ base_repo: { ...base, provider: "svn" } })).status()).toBe(400);
  expect((await create({ base_repo: { ...base, upstream_host: "127.0.0.1" } })).status()).toBe(400);
  expect((await create({ base_repo: { ...base, upstream_host: "https://git.example" } })).status()).toBe(400);
  expect((await create({ base_repo: { ...base, provider: "github" } })).status()).toBe(412);
  expect((await create({ base_repo: { ...base, provider: "code" } })).status()).toBe(400);
  expect((await create({}, organization)).status()).toBe(400);
  expect((await create({}, await key.token({ repo: "a//b" }))).status()).toBe(400);

  const created = await create({
    base_repo: { ...base, upstream_host: "git.example.com:8443" },
    default_branch: "main",
  });
  expect(created.status()).toBe(201);
  const { repo_id } = (await created.json()) as { repo_id: string };
  expect(await created.json()).toMatchObject({ repo_name: "group/thing", message: "repository created" });
  expect((await create({})).status()).toBe(409);

  const listed = await callApi(request, "listRepositoriesV1", { token: organization, query: "?q=THING&limit=1" });
  expect(await listed.json()).toMatchObject({
    repos: [{ repo_id, url: "group/thing", default_branch: "main", base_repo: base }],
    has_more: false,
    next_cursor: null,
  });
  for (const query of ["?limit=0", "?limit=101", "?limit=x", "?cursor=nonsense"]) {
    expect((await callApi(request, "listRepositories", { token: organization, query })).status(), query).toBe(400);
  }
  // The id fed back as the claim names the same repository.
  const byId = await callApi(request, "readRepositoryV1", { token: await key.token({ repo: repo_id }) });
  expect(await byId.json()).toMatchObject({ repo_id });
  expect((await callApi(request, "readRepositoryV1", { token: organization })).status()).toBe(400);

  const removed = await callApi(request, "deleteRepositoryV1", { token });
  expect(await removed.json()).toEqual({ repo_id, message: "repository deleted" });
  expect((await callApi(request, "deleteRepositoryV1", { token })).status()).toBe(409);
  expect((await create({})).status()).toBe(201);
});
