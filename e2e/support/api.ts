import type { APIRequestContext, APIResponse } from "@playwright/test";
import { operations } from "@/lib/contract/operations";

type Name = keyof typeof operations;

export interface ApiCall {
  token: string;
  body?: unknown;
  params?: Record<string, string>;
  /** With its question mark. */
  query?: string;
  headers?: Record<string, string>;
  /** Where Latchkey is, for a test without a base URL. */
  base?: string;
}

/** Calls an operation of the contract by its name; path parameters are encoded as clients encode them. */
export async function callApi(request: APIRequestContext, name: Name, call: ApiCall): Promise<APIResponse> {
  const { token, body, params = {}, query = "", base = "", headers = {} } = call;
  const { method, path } = operations[name];
  const url = path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(params[key] ?? ""));
  return request.fetch(`${base}${url}${query}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
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
