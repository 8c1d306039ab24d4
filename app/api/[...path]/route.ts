import { randomUUID } from "node:crypto";
import { DomainError } from "@/lib/domain/errors";
import { errorResponse } from "@/lib/platform/api/error-response";

const answer = () =>
  errorResponse(
    new DomainError("not_found", "There is nothing at this path. The API is described at /docs/api."),
    randomUUID(),
  );

export {
  answer as GET,
  answer as HEAD,
  answer as POST,
  answer as PUT,
  answer as PATCH,
  answer as DELETE,
  answer as OPTIONS,
};
