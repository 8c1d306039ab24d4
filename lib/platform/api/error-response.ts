import { ERROR_STATUS, type ErrorCode } from "@/lib/contract/errors";
import { DomainError } from "@/lib/domain/errors";
import { errorFacts } from "@/lib/platform/error-facts";
import { log } from "@/lib/platform/log";

/**
 * Any error as the JSON that clients read: `error` is one string. What is not a `DomainError` is not ours to repeat
 * (a database's message holds the values it was given): its reader gets the request id, and the log its name.
 */
export function errorResponse(error: unknown, requestId: string, headers: Record<string, string> = {}): Response {
  const known = error instanceof DomainError ? error : unknownError(error, requestId);
  const { code, message, details } = known;
  const { retryAfter, ...members } = details;
  return Response.json(
    { error: message, code, request_id: requestId, ...members },
    {
      status: ERROR_STATUS[code],
      headers: {
        "cache-control": "no-store",
        "x-request-id": requestId,
        ...(code === "unauthenticated" && { "www-authenticate": challenge(message) }),
        ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
        ...headers,
      },
    },
  );
}

function challenge(message: string): string {
  return `Bearer realm="latchkey", error="invalid_token", error_description="${message.replace(/["\\]/g, "'")}"`;
}

export function unknownError(error: unknown, requestId: string): DomainError {
  const code: ErrorCode = isDatabaseDown(error) ? "busy" : "internal";
  log.error({ request_id: requestId, ...errorFacts(error) }, "request failed");
  return code === "busy"
    ? new DomainError("busy", "The database cannot be reached just now. Try again in a few seconds.", {
        retryAfter: 5,
      })
    : new DomainError("internal", `Something went wrong on our side. Quote request id ${requestId}.`);
}

/** Connection failures as Prisma and the driver name them; a statement that began may have ended either way. */
function isDatabaseDown(error: unknown): boolean {
  return /P1001|P1002|P1008|P1017|P2024|ECONNREFUSED|ENOENT/.test(errorFacts(error).error);
}
