import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { callApi } from "./support/api";
import { expect, test } from "./support/fixtures";

test("/metrics counts requests by route and jobs by outcome, for both processes, and names nobody", async ({
  page,
  request,
  latchkey,
  organization,
  key,
  mirrored,
  hostToken,
}) => {
  const name = `team/${randomBytes(6).toString("hex")}`;
  const { id: repositoryId } = await mirrored(name);
  const token = await key.token();
  const body = { repo_id: repositoryId, password: hostToken("read") };
  const created = await callApi(request, "createCredential", { token, body });
  expect(created.status()).toBe(201);
  const params = { repo_name: name };
  expect((await callApi(request, "listRepositoryCredentials", { token, params })).status()).toBe(200);
  expect((await callApi(request, "pullUpstream", { token, params, body: {} })).status()).toBe(202);
  await expect
    .poll(async () => (await latchkey.db.syncRun.findFirst({ where: { repositoryId } }))?.outcome)
    .toBe("succeeded");
  await page.goto("/sign-in");
  expect((await request.get(`/nowhere/${name}?secret=${name}`)).status()).toBe(404);
  expect((await request.fetch("/api/health", { method: "PROPFIND" })).status()).toBe(405);
  expect((await request.get("/api/%68ealth")).status()).toBe(400);

  const scraped = await fetch(latchkey.metricsUrl);
  expect(scraped.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  const text = await scraped.text();
  const value = (series: string) =>
    Number(
      text
        .split("\n")
        .find((line) => line.startsWith(series))
        ?.split(" ")
        .at(-1),
    );
  const requests = (route: string, method: string, status: number) =>
    value(`latchkey_http_requests_total{route="${route}",method="${method}",status="${status}",process="web"}`);
  expect(requests("/api/v1/repos/git-credentials", "POST", 201)).toBeGreaterThanOrEqual(1);
  expect(requests("/api/repos/[repo_name]/git-credentials", "GET", 200)).toBeGreaterThanOrEqual(1);
  expect(requests("/sign-in", "GET", 200)).toBeGreaterThanOrEqual(1);
  expect(requests("other", "GET", 404)).toBeGreaterThanOrEqual(1);
  expect(requests("/api/health", "other", 405)).toBeGreaterThanOrEqual(1);
  expect(value('latchkey_http_refusals_total{code="invalid_request",process="web"}')).toBeGreaterThanOrEqual(1);
  const seconds = 'latchkey_http_request_seconds_bucket{le="30",route="/sign-in",method="GET",process="web"}';
  expect(value(seconds)).toBeGreaterThanOrEqual(1);
  const pulls = value('latchkey_jobs_ended_total{job="pull",outcome="succeeded",process="worker"}');
  expect(pulls).toBeGreaterThanOrEqual(1);
  expect(value('latchkey_job_seconds_count{job="pull",process="worker"}')).toBeGreaterThanOrEqual(pulls);
  expect(value("latchkey_database_up")).toBe(1);
  expect(value("latchkey_sealed_secrets{")).toBeGreaterThanOrEqual(1);
  for (const process of ["web", "worker", "launch"]) {
    expect(value(`process_resident_memory_bytes{process="${process}"}`), process).toBeGreaterThan(1e7);
  }
  expect(value('latchkey_process_up{process="worker"}')).toBe(1);
  for (const own of [organization.slug, organization.id, name, repositoryId, "acme"]) expect(text).not.toContain(own);

  // Each metric is described once, and only by what can be written down.
  const described = text.split("\n").filter((line) => line.startsWith("# TYPE"));
  expect(new Set(described).size).toBe(described.length);
  expect(text).not.toMatch(/ (null|undefined)$/m);
  // Each of ours stands in the operator's table, and what stands there is told.
  const ours = described.map((line) => line.split(" ")[2]!).filter((metric) => metric.startsWith("latchkey_"));
  const documented = readFileSync("docs/operate/README.md", "utf8").matchAll(/^\| `(latchkey_\w+)`/gm);
  expect(ours.sort()).toEqual([...documented].map(([, metric]) => metric).sort());
});

test("/metrics answers nothing else, and not on the public port", async ({ latchkey, request }) => {
  expect((await request.get("/metrics")).status()).toBe(404);
  const port = new URL(latchkey.metricsUrl).port;
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  expect((await fetch(latchkey.metricsUrl, { method: "POST" })).status).toBe(404);
});
