import "server-only";
import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { Operation } from "@/lib/contract/operations";
import { scopeCovers } from "@/lib/contract/scopes";
import type { TokenActor } from "@/lib/domain/access/actor";
import type { Context } from "@/lib/domain/context";
import { DomainError } from "@/lib/domain/errors";
import { createContext } from "@/lib/platform/context";
import { remoteAddressIn } from "@/lib/platform/remote-address";
import { admit } from "./admit";
import { errorResponse } from "./error-response";
import { holdGivenSecret } from "./hold-given-secret";
import { logRequest } from "./log-request";
import { isMalformed, readJsonBody } from "./read-body";

/** Of what stands in a path: characters. */
export const MAX_NAME = 255;
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/** Next gives no params at all to a path that has none. */
type Handler = (request: Request, route: { params: Promise<Record<string, string> | undefined> }) => Promise<Response>;
type Exports = Record<(typeof METHODS)[number], Handler>;

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;
type Answer<S> = S extends z.ZodType ? z.input<S> : void;

export interface Endpoint {
  operation: Operation;
  run: (
    ctx: Context & { actor: TokenActor },
    input: { params: Record<string, string>; query: never; body: never; ifVersion: number | undefined },
  ) => Promise<unknown>;
}

/** Joins a declared operation to the verb that answers it; what comes in and goes out is checked against the contract. */
export function endpoint<O extends Operation>(
  operation: O,
  run: (
    ctx: Context & { actor: TokenActor },
    input: {
      params: Record<string, string>;
      query: Parsed<O["query"]>;
      body: Parsed<O["body"]>;
      ifVersion: number | undefined;
    },
  ) => Promise<Answer<O["output"]>>,
): Endpoint {
  return { operation, run };
}

/**
 * The handlers of one path. Refuses in the documented order: 405, 401, 429, 403 for the scope, 413 and 415, 400 for
 * the parse and the fields; the verb goes on from there. Every other method answers 405 with `Allow`.
 */
export function apiRoute(endpoints: readonly Endpoint[]): Exports {
  const byMethod = new Map<string, Endpoint>(endpoints.map((each) => [each.operation.method, each]));
  const get = byMethod.get("GET");
  if (get) byMethod.set("HEAD", get);
  const allow = METHODS.filter((method) => byMethod.has(method)).join(", ");
  const handlers = METHODS.map((method) => {
    const found = byMethod.get(method);
    return [method, found ? answering(found) : refusing(endpoints[0]!.operation.path, allow)] as const;
  });
  return Object.fromEntries(handlers) as Exports;
}

function refusing(path: string, allow: string): Handler {
  return (request) => {
    const requestId = randomUUID();
    const refusal = new DomainError(
      "method_not_allowed",
      `This path does not answer ${request.method}. It answers ${allow}.`,
    );
    const response = errorResponse(refusal, requestId, { allow });
    logRequest(request, { requestId, path, status: response.status, started: performance.now() });
    return Promise.resolve(response);
  };
}

function answering({ operation, run }: Endpoint): Handler {
  return async (request, route) => {
    const requestId = randomUUID();
    const started = performance.now();
    let actor: TokenActor | undefined;
    let response: Response;
    let release: (() => void) | undefined;
    try {
      actor = await admit(request);
      requireScope(actor, operation);
      const given = operation.body && (await readJsonBody(request));
      release = holdGivenSecret(given);
      const body = operation.body && parse(operation.body, given);
      const query = operation.query && parse(operation.query, readQuery(request));
      const params = readParams((await route.params) ?? {});
      const ctx = { ...createContext(actor, requestId, remoteAddressIn(request.headers)), actor };
      const ifVersion = operation.ifMatch && readIfMatch(request);
      const output = await run(ctx, { params, query: query as never, body: body as never, ifVersion });
      response = success(operation, output, requestId);
    } catch (error) {
      response = errorResponse(error, requestId);
    }
    logRequest(request, { requestId, path: operation.path, status: response.status, started, actor });
    release?.();
    return response;
  };
}

function requireScope(actor: TokenActor, { scope }: Operation): void {
  if (!scopeCovers(actor.scopes, scope)) {
    throw new DomainError("missing_scope", `This token lacks the scope "${scope}" that this needs.`);
  }
}

function parse(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields: Record<string, string> = {};
  for (const issue of result.error.issues) fields[issue.path.join(".") || "body"] ??= sentence(issue);
  throw new DomainError("invalid_request", Object.values(fields).join(" "), { fields });
}

function sentence({ message, path }: { message: string; path: PropertyKey[] }): string {
  return message.startsWith("Invalid") ? `${path.join(".") || "The body"} has the wrong type.` : message;
}

function readQuery(request: Request): Record<string, string> {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  if (Object.values(query).some(isMalformed))
    throw new DomainError("invalid_request", "The query holds malformed text.");
  return query;
}

/** The version in `If-Match`; a header that names none matches nothing that there is. */
function readIfMatch(request: Request): number | undefined {
  const header = request.headers.get("if-match");
  if (header === null || header.trim() === "*") return undefined;
  const version = /^\s*"?(\d{1,9})"?\s*$/.exec(header)?.[1];
  if (version !== undefined) return Number(version);
  throw new DomainError("invalid_request", 'If-Match takes one version of a credential, as in: If-Match: "3".');
}

function readParams(params: Record<string, string>): Record<string, string> {
  if (Object.values(params).some((value) => isMalformed(value) || value.length > MAX_NAME)) {
    throw new DomainError("not_found", "There is nothing at this path.");
  }
  return params;
}

/** Only what the output schema names leaves the process. */
function success({ output, status }: Operation, value: unknown, requestId: string): Response {
  const headers = { "cache-control": "no-store", "x-request-id": requestId };
  if (output === null) return new Response(null, { status, headers });
  return Response.json(output.parse(value), { status, headers });
}
