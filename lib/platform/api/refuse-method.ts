import { randomUUID } from "node:crypto";
import { DomainError } from "@/lib/domain/errors";
import { errorResponse } from "./error-response";

/** A handler for the methods that a path does not answer: 405, with `Allow` naming those that it does. */
export function refuseMethod(allow: string): () => Response {
  return () =>
    errorResponse(new DomainError("method_not_allowed", `This path answers ${allow} only.`), randomUUID(), { allow });
}
