import type { APIRequestContext, APIResponse } from "@playwright/test";
import { operations } from "@/lib/contract/operations";

type Name = keyof typeof operations;

/** Calls an operation of the contract by its name; path parameters are encoded as clients encode them. */
export async function callApi(
  request: APIRequestContext,
  name: Name,
  {
    token,
    body,
    params = {},
    query = "",
  }: { token: string; body?: unknown; params?: Record<string, string>; query?: string },
): Promise<APIResponse> {
  const { method, path } = operations[name];
  const url = path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(params[key] ?? ""));
  return request.fetch(`${url}${query}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body !== undefined && { data: body as object }),
  });
}

/** An answer without what differs every time. */
export async function comparable(response: APIResponse): Promise<string> {
  const body = (await response.text()).replace(/"request_id":"[^"]+"/, "");
  const headers = response
    .headersArray()
    .filter(({ name }) => !["date", "x-request-id"].includes(name.toLowerCase()))
    .map(({ name, value }) => `${name}: ${value}`);
  return [response.status(), ...headers, body].join("\n");
}
