import { callApi } from "./support/api";
import { expect, test } from "./support/fixtures";

test("every request to the API leaves one line: by its route, with the organization, without what was in its path", async ({
  request,
  latchkey,
  organization,
  key,
}) => {
  const token = await key.token();
  const params = { repo_name: "named-in-the-path", id: "ggc_named" };
  const read = await callApi(request, "readRepositoryCredential", { token, params });
  const refused = await callApi(request, "listRepositories", { token: "a.b.c", query: "?named=in-the-query" });
  const method = await request.fetch("/api/v1/repos", { method: "PATCH" });
  const nowhere = await request.get("/api/nowhere/named-in-the-path");
  const early = await request.get("/api/%6eowhere/named-in-the-path");
  const lines = () =>
    latchkey
      .output()
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const lineOf = async (response: { headers(): Record<string, string> }) => {
    const id = response.headers()["x-request-id"];
    await expect.poll(() => lines().filter((line) => line.request_id === id)).toHaveLength(1);
    return lines().find((line) => line.request_id === id);
  };
  const common = {
    level: 30,
    time: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
    process: "web",
    request_id: expect.any(String) as unknown,
    ms: expect.any(Number) as unknown,
  };
  expect(await lineOf(read)).toEqual({
    ...common,
    operation: "GET /api/repos/{repo_name}/git-credentials/{id}",
    status: 404,
    organization_id: organization.id,
  });
  expect(await lineOf(refused)).toEqual({ ...common, operation: "GET /api/repos", status: 401 });
  expect(await lineOf(method)).toEqual({ ...common, operation: "PATCH /api/v1/repos", status: 405 });
  expect(await lineOf(nowhere)).toEqual({ ...common, operation: "GET /api/{...}", status: 404 });
  const { ms: _, ...ofTheEdge } = common;
  expect(await lineOf(early)).toEqual({
    ...ofTheEdge,
    outcome: "invalid_request",
    status: 400,
    msg: "refused before any route",
  });
  expect(latchkey.output()).not.toContain("named");
});

test("what Next has to say of a request is logged by its name, not in the client's words", async ({
  request,
  latchkey,
}) => {
  await request.post("/sign-in", { headers: { "next-action": "words-of-the-client" }, data: "x" });
  await expect.poll(() => latchkey.output()).toContain("a library reported an error");
  expect(latchkey.output()).not.toContain("words-of-the-client");
});
