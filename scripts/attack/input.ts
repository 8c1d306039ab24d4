import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { makeVictim, storeCredential, type Arena } from "./arena";
import type { Attack } from "./attack";
import { ask, summary, type Question } from "./ask";

const SECRETS = "/api/v1/repos/git-credentials";
const INVALID = "400 invalid_request";
const NO_JSON = "400 invalid_json";
const NOT_FOUND = "404 not_found";

/** Types, encodings, sizes, doubled and prototype keys, Unicode and NUL: refused, each with its documented code. */
export async function input(arena: Arena): Promise<Attack[]> {
  const victim = await makeVictim(arena.db);
  const { id, repo } = await storeCredential(arena, victim, {
    name: "strict",
    host: arena.gitHost.host,
    password: randomBytes(12).toString("hex"),
  });
  const attack = (name: string, expected: Attack["expected"], question: Question): Attack => ({
    name,
    expected,
    attempt: async () => summary(await ask(arena.url, { token: victim.token, ...question })),
  });
  const put = (name: string, expected: Attack["expected"], body: Question["body"], headers?: Question["headers"]) =>
    attack(name, expected, { method: "PUT", path: SECRETS, body, headers });
  const create = (name: string, expected: Attack["expected"], body: object) =>
    attack(name, expected, { method: "POST", path: SECRETS, body });
  const good = { id, password: "x" };
  const goodText = JSON.stringify(good);

  const ids = Object.entries({
    "an operator": { not: "" },
    "another operator": { startsWith: "ggc" },
    "a list": [id],
    null: null,
    "a number": 1,
    "a boolean": true,
    "an empty text": "",
    "256 characters": "x".repeat(256),
  }).map(([what, value]) => put(`the id is ${what}`, INVALID, { id: value, password: "x" }));

  const unknown = Object.entries({
    SQL: "' OR 1=1 --",
    "a wildcard": "ggc_%",
    "its own, in capitals": id.toUpperCase(),
    "its own, with a blank behind it": `${id} `,
    "its own, with a zero-width space": `${id}\u200b`,
    "its own, with a letter of another alphabet": id.replace("g", "ց"),
    __proto__: "__proto__",
    constructor: "constructor",
    "a path": "../../etc/passwd",
    "right to left": `\u202e${id}`,
  }).map(([what, value]) => put(`the id is ${what}`, NOT_FOUND, { id: value, password: "x" }));
  // An object literal takes __proto__ for its prototype, so that one is written out.
  unknown.push(put("the id is called __proto__", NOT_FOUND, '{"id":"__proto__","password":"x"}'));

  const passwords = Object.entries({
    missing: undefined,
    null: null,
    empty: "",
    "an object": { set: "x" },
    "a list": ["x"],
    "a number": 12345,
    "4,097 bytes": "x".repeat(4097),
    "4,098 bytes in 1,366 characters": "€".repeat(1366),
    "a line feed": "a\nb",
    "a carriage return": "a\rb",
    "a tab": "a\tb",
    "a delete": "a\u007fb",
    "a next line": "a\u0085b",
    "an escape": "a\u001b[31mb",
  }).map(([what, password]) => put(`the password is or holds ${what}`, INVALID, { id, password }));

  const usernames = Object.entries({
    "a colon": "a:b",
    "256 characters": "y".repeat(256),
    "an object": { equals: "git" },
    "a list": ["git"],
    "a number": 7,
    "a line break": "a\r\nX-Injected: 1",
  }).map(([what, username]) => put(`the username is or holds ${what}`, INVALID, { ...good, username }));

  const ends = Object.entries({
    "a day that never was": "2027-02-30",
    "in the past": "2001-01-01",
    "a number": 4102444800,
    "a word": "tomorrow",
    "an object": { gt: "2027-01-01" },
  }).map(([what, expires_at]) => put(`the end is ${what}`, INVALID, { ...good, expires_at }));

  const bodies = [
    ...(["[]", '"text"', "null", "7", "true"] as const).map((body) => put(`the body is ${body}`, INVALID, body)),
    put("the body is empty", INVALID, ""),
    ...Object.entries({
      "only blanks": "   ",
      "cut short": goodText.slice(0, -1),
      "followed by more": `${goodText}${goodText}`,
      "with a comment": `${goodText}// more`,
      "with single quotes": goodText.replaceAll('"', "'"),
      "with NaN": `{"id":"${id}","password":NaN}`,
      "with a comma at the end": `{"id":"${id}","password":"x",}`,
      "with a raw line break in a text": `{"id":"${id}","password":"a\nb"}`,
      "with an escaped NUL": `{"id":"${id}","password":"a\\u0000b"}`,
      "with a NUL in a key": `{"id":"${id}","password":"x","a\\u0000":1}`,
      "with a raw NUL": `{"id":"${id}","password":"a\0b"}`,
      "with half a surrogate": `{"id":"${id}","password":"\\ud800"}`,
      "with half a surrogate in a key": `{"id":"${id}","password":"x","\\udfff":1}`,
      "nested 30,000 deep": `${"[".repeat(30_000)}${"]".repeat(30_000)}`,
    }).map(([what, body]) => put(`the body is ${what}`, what.startsWith("nested") ? /^400 / : NO_JSON, body)),
    put("the body is in UTF-16", NO_JSON, Buffer.from(goodText, "utf16le")),
    put("the body is in Latin-1", NO_JSON, Buffer.from(goodText.replace("x", "\u00e9"), "latin1")),
    put(
      "the body has an overlong encoding",
      NO_JSON,
      Buffer.concat([Buffer.from('{"id":"'), Buffer.of(0xc0, 0x80), Buffer.from('"}')]),
    ),
    put("the body is compressed", NO_JSON, gzipSync(goodText), { "content-encoding": "gzip" }),
    put("the body is larger than 64 KiB", "413 body_too_large", Buffer.alloc(64 * 1024 + 1, " ")),
    put("an id is given twice, the last one unknown", NOT_FOUND, `{"id":"${id}","id":"ggc_none","password":"x"}`),
    put("the id stands under __proto__", INVALID, `{"__proto__":{"id":"${id}"},"password":"x"}`),
    put(
      "the id stands under constructor.prototype",
      INVALID,
      `{"constructor":{"prototype":{"id":"${id}"}},"password":"x"}`,
    ),
    put("the id has another case", INVALID, { ID: id, password: "x" }),
    put("the id is given in a list of pairs", INVALID, { "id[]": id, password: "x" }),
  ];

  const types = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
    "",
    "text/json",
  ].map((type) =>
    put(`the body calls itself "${type}"`, "415 unsupported_media_type", goodText, { "content-type": type }),
  );

  const headers = [
    ...['"one"', "-1", "1.5", '"1", "2"', "W/x"].map((value) =>
      put(`If-Match is ${value}`, INVALID, good, { "if-match": value }),
    ),
    put("If-Match is another version", "412 version_mismatch", good, { "if-match": '"99"' }),
    attack("a method is overridden by a header", "405 method_not_allowed", {
      path: SECRETS,
      body: { id },
      headers: { "x-http-method-override": "DELETE" },
    }),
  ];

  const queries = Object.entries({
    "limit=0": INVALID,
    "limit=-1": INVALID,
    "limit=101": INVALID,
    "limit=1e2": INVALID,
    "limit=1%200": INVALID,
    "cursor=nonsense": INVALID,
    "cursor=%00": INVALID,
    "q=%00": INVALID,
    "q=%25": "200",
    [`q=${"x".repeat(300)}`]: INVALID,
    [`cursor=${Buffer.from('{"not":""}').toString("base64url")}`]: INVALID,
  }).map(([query, expected]) =>
    attack(`the list is asked with ${query.slice(0, 40)}`, expected, { path: `/api/v1/repos?${query}` }),
  );
  queries.push(
    attack("test is neither true nor false", INVALID, { method: "PUT", path: `${SECRETS}?test=maybe`, body: good }),
  );

  const paths = Object.entries({
    "/api/repos/%00/git-credentials": NOT_FOUND,
    "/api/repos/__proto__/git-credentials": NOT_FOUND,
    "/api/repos/..%2f..%2fetc/git-credentials": NOT_FOUND,
    "/api/repos/%2e%2e/git-credentials": INVALID,
    [`/api/repos/${"x".repeat(300)}/git-credentials`]: NOT_FOUND,
    "/api/repos/strict;x=1/git-credentials": NOT_FOUND,
    "/api/repos/STRICT/git-credentials": NOT_FOUND,
    "/api/repos/strict%20/git-credentials": NOT_FOUND,
    "/api/v1/repos/git-credentials%00": /^404/,
    "/api/v1/nothing": NOT_FOUND,
  }).map(([path, expected]) => attack(`the path is ${path.slice(0, 60)}`, expected, { path }));

  const others = [
    create("a credential for a repository that is an operator", INVALID, { repo_id: { contains: "" }, password: "x" }),
    create("a second credential for the same repository", "409 credential_exists", { repo_id: repo, password: "x" }),
    ...["--upload-pack=x", "a..b", "a b", "a~1", "refs/heads/", "x.lock", "@{-1}", "a\u0000b"].map((ref) =>
      attack(`a pull of the ref ${JSON.stringify(ref)}`, /^400 invalid_(request|json)$/, {
        method: "POST",
        path: "/api/repos/strict/pull-upstream",
        body: { ref },
      }),
    ),
  ];
  const names = await Promise.all(
    ["../up", "a//b", "a/./b", "/root", "org", "repo_0123456789abcdef01234567", "a b", "naïve", "a\\b", ".."].map(
      async (name): Promise<Attack> =>
        attack(`a repository called ${name}`, INVALID, {
          method: "POST",
          path: "/api/v1/repos",
          token: await victim.key.token({ repo: name }),
          body: {},
        }),
    ),
  );
  const upstream = { provider: "gitea", owner: "acme", name: "app", upstream_host: "git.example.com" };
  const token = await victim.key.token({ repo: "new-one" });
  const upstreams = Object.entries({
    "an owner that climbs": { owner: "../acme" },
    "an owner with a question mark": { owner: "a?b" },
    "an owner with a fragment": { owner: "a#b" },
    "an owner with an encoded slash": { owner: "a%2fb" },
    "an owner with an at sign": { owner: "a@b" },
    "a name with a line break": { name: "a\nb" },
    "a provider that is none": { provider: "svn" },
    "a provider called __proto__": { provider: "constructor" },
    "a branch that is an option": { default_branch: "--upload-pack=x" },
    "another operation": { operation: "fork" },
  }).map(([what, change]) =>
    attack(`a repository with ${what}`, INVALID, {
      method: "POST",
      path: "/api/v1/repos",
      token,
      body: { base_repo: { ...upstream, ...change } },
    }),
  );
  const sound: Attack = {
    ...put("and the right request is still answered", "200", good),
    writes: true,
  };
  return [
    ...[...ids, ...unknown, ...passwords, ...usernames, ...ends, ...bodies, ...types, ...headers, ...queries, ...paths],
    ...[...others, ...names, ...upstreams, sound],
  ];
}
