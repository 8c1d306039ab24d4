import { randomUUID } from "node:crypto";
import { DomainError } from "@/lib/domain/errors";
import { errorResponse } from "@/lib/platform/api/error-response";
import { logRequest } from "@/lib/platform/api/log-request";

function answer(request: Request): Response {
  const requestId = randomUUID();
  const refusal = new DomainError("not_found", "There is nothing at this path. The API is described at /docs/api.");
  const response = errorResponse(refusal, requestId);
  logRequest(request, { requestId, path: "/api/{...}", status: response.status, started: performance.now() });
  return response;
}

export {
  answer as GET,
  answer as HEAD,
  answer as POST,
  answer as PUT,
  answer as PATCH,
  answer as DELETE,
  answer as OPTIONS,
};
