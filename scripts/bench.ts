import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { operations } from "@/lib/contract/operations";
import { startBenchHost } from "./bench/bench-host";
import { makeOrganization, makeSigningKey, type MadeOrganization } from "@/prisma/factories";
import { measureBulk } from "./bench/bulk";
import { copyWithFloors } from "./bench/floors";
import { measure, measureCalls, type Load, type Measured } from "./bench/measure";
import { benchRewrap } from "./bench/rewrap";
import { peakMemory, webProcess } from "./bench/processes";
import { measureUpstreams } from "./bench/upstreams";
import { signedInMember } from "./signed-in-member";
import { startLatchkey, type Latchkey } from "./start-latchkey";

// Measures the production build beside floors in the same run: npm run bench [-- --quick] [requests | upstreams | bulk | rewrap]
// Another Node: npm exec --package node@24 -- node --import tsx scripts/bench.ts

const words = new Set(process.argv.slice(2));
const quick = words.delete("--quick");
const wants = (part: "requests" | "upstreams" | "bulk" | "rewrap") => words.size === 0 || words.has(part);
const CONNECTIONS = [1, 16, 64];
const AMOUNT: Record<number, number> = quick ? { 1: 100, 16: 300, 64: 300 } : { 1: 500, 16: 6000, 64: 3000 };
const AUTH_SECRET = randomBytes(32).toString("hex");

console.log("• Building a copy that has the floors …");
const copy = path.join(os.tmpdir(), `latchkey-bench-${process.pid}`);
copyWithFloors(copy);
const host = await startBenchHost();
const reaching = { LATCHKEY_EGRESS_ALLOW: host.host, LATCHKEY_UPSTREAM_CA_FILE: host.caFile };
const latchkey = await startLatchkey({ AUTH_SECRET, LOG_LEVEL: "warn", ...reaching }, copy);
try {
  const web = webProcess(latchkey.pid);
  const rows = wants("requests") ? await run(latchkey, web) : [];
  const memory = peakMemory(web);
  if (rows.length > 0) report(rows, memory);
  const upstreams = wants("upstreams") ? await measureUpstreams(latchkey, host, { web, quick }) : null;
  const bulk = wants("bulk") ? await measureBulk(latchkey, host, { quick }) : null;
  keep({ memory, rows, upstreams, bulk });
  if (!quick && wants("rewrap")) await benchRewrap(latchkey);
} finally {
  await latchkey.stop();
  await host.stop();
  rmSync(copy, { recursive: true, force: true });
}

async function run({ url, db, databaseUrl }: Latchkey, web: number): Promise<Measured[]> {
  const organization = await makeOrganization(db, "bench");
  const key = await makeSigningKey(db, organization);
  await db.$executeRaw`CREATE TABLE bench_floor (id text PRIMARY KEY, organization_id text NOT NULL, payload bytea NOT NULL)`;
  const json = { authorization: `Bearer ${await key.token()}`, "content-type": "application/json" };
  const refused = { authorization: "Bearer a.b.c", "content-type": "application/json" };
  const { cookie } = await signedInMember(db, organization, "owner", AUTH_SECRET);
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 64 });
  const payload = Buffer.alloc(600);
  const path_ = operations.createCredential.path;
  const rows: Measured[] = [];
  const say = (row: Measured) => {
    rows.push(row);
    console.log(`  ${row.name}, ${row.connections} connections: ${row.perSecond} a second, p99 ${row.p99} ms`);
  };
  const floor = (name: string, route: string, headers: Record<string, string>, status: number): Load => ({
    name,
    method: "POST",
    url: `${url}/api/bench/${route}`,
    headers,
    body: () => "{}",
    status,
  });
  for (const connections of CONNECTIONS) {
    const amount = AMOUNT[connections]!;
    const repositories = await seedRepositories(db, organization, amount + 101);
    const ids: string[] = [];
    const create: Load = {
      name: "create",
      method: "POST",
      url: url + path_,
      headers: json,
      body: () =>
        JSON.stringify({ repo_id: repositories.pop(), username: "git", password: randomBytes(20).toString("hex") }),
      status: 201,
      onAnswer: (body) => ids.push((JSON.parse(body) as { id: string }).id),
    };
    const rotate: Load = {
      ...create,
      name: "rotate",
      method: "PUT",
      body: (number) =>
        JSON.stringify({ id: ids[number % ids.length], username: "git", password: randomBytes(20).toString("hex") }),
      status: 200,
      onAnswer: undefined,
    };
    const remove: Load = {
      ...create,
      name: "delete",
      method: "DELETE",
      body: () => JSON.stringify({ id: ids.pop() }),
      status: 204,
      onAnswer: undefined,
    };
    const page = (name: string, address: string): Load => ({
      name,
      method: "GET",
      url: url + address,
      headers: { cookie },
      status: 200,
    });
    const loads: Load[] = [
      floor("floor: constant JSON", "constant", json, 201),
      floor("floor: verify a token", "verify", json, 201),
      floor("floor: refuse a token", "verify", refused, 401),
      floor("floor F: verify and insert", "insert", json, 201),
      create,
      rotate,
      remove,
      { ...create, name: "refused", headers: refused, body: () => "{}", status: 401, onAnswer: undefined },
      page("repositories page", "/bench/repos"),
      page("credential page", `/bench/repos/${repositories[0]}/settings/credential`),
    ];
    for (const load of loads) {
      const removes = load.name === "delete";
      await measure(load, connections, removes ? connections : 100, web);
      const share = load.name.endsWith("page") ? 0.2 : 1;
      say(await measure(load, connections, removes ? ids.length : amount * share, web));
    }
    const insert = () =>
      pool.query("INSERT INTO bench_floor (id, organization_id, payload) VALUES ($1, $2, $3)", [
        randomBytes(12).toString("hex"),
        organization.id,
        payload,
      ]);
    say(await measureCalls("floor: insert by the driver", insert, connections, amount));
  }
  await pool.end();
  return rows;
}

async function seedRepositories(db: Latchkey["db"], organization: MadeOrganization, count: number): Promise<string[]> {
  const made = await db.$queryRaw<{ id: string }[]>`
    WITH made AS (
      INSERT INTO repository (id, organization_id, name, live_name, default_branch)
      SELECT 'repo_' || encode(substr(sha256(random()::text::bytea), 1, 12), 'hex'), ${organization.id}, name, name, 'main'
      FROM (SELECT 'app-' || md5(random()::text) AS name FROM generate_series(1, ${count}::int)) AS names
      RETURNING id
    ), upstreams AS (
      INSERT INTO upstream (repository_id, provider, host, owner, name)
      SELECT id, 'gitlab', 'gitlab.com', 'acme', 'app' FROM made
    )
    SELECT id FROM made`;
  return made.map(({ id }) => id);
}

function report(rows: Measured[], memory: number): void {
  const at = (name: string, connections: number) =>
    rows.find((row) => row.name === name && row.connections === connections)!;
  const table = rows.map((row) => {
    const floor = at(row.name === "refused" ? "floor: refuse a token" : "floor F: verify and insert", row.connections);
    return {
      what: row.name,
      conn: row.connections,
      "req/s": row.perSecond,
      "p50 ms": row.p50,
      "p99 ms": row.p99,
      "CPU ms": row.cpuMs ?? "",
      "× floor": Number((row.perSecond / floor.perSecond).toFixed(2)),
      "p99 × floor": Number((row.p99 / floor.p99).toFixed(2)),
      unexpected: row.unexpected,
    };
  });
  console.table(table);
  console.log(
    `Peak memory of the web process: ${memory} MB. Node ${process.versions.node}, ${os.cpus().length} cores.`,
  );
}

function keep(results: object): void {
  mkdirSync("bench-results", { recursive: true });
  const file = path.join("bench-results", `${new Date().toISOString().replace(/[:.]/g, "-")}.json`);
  writeFileSync(file, JSON.stringify({ node: process.versions.node, cores: os.cpus().length, ...results }, null, 2));
  console.log(`Written to ${file}`);
}
