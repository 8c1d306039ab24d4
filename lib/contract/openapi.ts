import { z } from "zod";
import { ERROR_STATUS, type ErrorCode } from "./errors";
import { operations, type Operation } from "./operations";
import { TEST_OUTCOMES } from "./test-outcome";

/** Refusals that every operation can answer, besides its own. */
const COMMON_ERRORS: readonly ErrorCode[] = ["unauthenticated", "missing_scope", "throttled", "internal", "busy"];
const BODY_ERRORS: readonly ErrorCode[] = [
  "body_too_large",
  "unsupported_media_type",
  "request_timeout",
  "invalid_json",
  "invalid_request",
];

const STATUS_WORDS: Record<number, string> = {
  200: "Done",
  201: "Created",
  202: "Accepted; it runs in the background",
  204: "Done; no body",
  400: "The request is not valid",
  401: "No token, or one that is not accepted",
  403: "The token lacks the scope, or is bound to another repository",
  404: "Unknown in the token's organization",
  408: "The body took too long",
  409: "It exists already, or was deleted before",
  412: "GitHub repositories other than public ones need a GitHub App",
  413: "The body is larger than 64 KiB",
  415: "The body is not application/json",
  422: "The upstream host refused the secret; nothing was saved",
  429: "Too many requests; Retry-After says when to try again",
  500: "Something failed on our side",
  503: "The database cannot be reached",
};

const errorBody = z.object({
  error: z.string().describe("One sentence for a person. Branch on the status, not on it."),
  code: z.enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]),
  request_id: z.string(),
  id: z.string().optional().describe("With 409: the existing credential, to be rotated instead."),
  outcome: z.enum(TEST_OUTCOMES).optional().describe("With 422: what the test of the secret found."),
  fields: z.record(z.string(), z.string()).optional().describe("One sentence for each field that was refused."),
});

/** Every error code that the operation answers. */
export function errorsOf(operation: Operation): ErrorCode[] {
  const query: ErrorCode[] = operation.query ? ["invalid_request"] : [];
  return [...new Set([...COMMON_ERRORS, ...(operation.body ? BODY_ERRORS : query), ...operation.errors])];
}

/** The OpenAPI 3.1 document of the bearer API, made from the same declarations that its routes run on. */
export function openApiDocument(baseUrl: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operationId, operation] of Object.entries(operations) as [string, Operation][]) {
    (paths[operation.path] ??= {})[operation.method.toLowerCase()] = describe(operationId, operation);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Latchkey",
      version: "1",
      description: "Stores the HTTPS credential of each mirrored Git repository. It is used and never shown again.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: baseUrl }],
    security: [{ token: [] }],
    tags: [{ name: "Credentials" }, { name: "Repositories" }, { name: "Webhooks" }],
    paths,
    components: {
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "Signed with one of the organization's signing keys: ES256, RS256 or EdDSA.",
        },
      },
      schemas: { Error: toSchema(errorBody, "output") },
    },
  };
}

function describe(operationId: string, operation: Operation) {
  const { tag, summary, scope, body, output, status } = operation;
  return {
    operationId,
    tags: [tag],
    summary,
    description: `Needs the scope \`${scope}\`.`,
    parameters: [...pathParameters(operation), ...queryParameters(operation), ...headerParameters(operation)],
    ...(body && {
      requestBody: {
        // An empty body counts as {}, so it is required exactly where {} would be refused.
        required: !body.safeParse({}).success,
        content: { "application/json": { schema: toSchema(body, "input") } },
      },
    }),
    responses: {
      [status]: {
        description: STATUS_WORDS[status],
        ...(output && { content: { "application/json": { schema: toSchema(output, "output") } } }),
      },
      ...errorResponses(operation),
    },
  };
}

function pathParameters({ path }: Operation) {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
    description: "One percent-encoded segment: team/app is sent as team%2Fapp.",
  }));
}

function queryParameters({ query }: Operation) {
  if (!query) return [];
  const { properties } = toSchema(query, "input") as { properties: Record<string, { description?: string }> };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: "query", required: false, schema }));
}

function headerParameters({ ifMatch }: Operation) {
  if (!ifMatch) return [];
  const description = "The version of the credential that must be the current one; 412 where it is another.";
  return [{ name: "If-Match", in: "header", required: false, schema: { type: "string" }, description }];
}

function errorResponses(operation: Operation) {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorsOf(operation)) {
    const status = ERROR_STATUS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: `${STATUS_WORDS[status]} (${codes.join(", ")})`,
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    ]),
  );
}

/** A zod schema as JSON Schema; what JSON Schema has no words for stays with the program. */
export function toSchema(schema: z.ZodType, io: "input" | "output"): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}
