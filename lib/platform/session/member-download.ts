import "server-only";
import type { z } from "zod";
import type { Context } from "@/lib/domain/context";
import { DomainError } from "@/lib/domain/errors";
import { errorResponse } from "@/lib/platform/api/error-response";
import { refuseMethod } from "@/lib/platform/api/refuse-method";
import { createContext } from "@/lib/platform/context";
import { currentMember } from "./current-member";
import { remoteAddress, requestId } from "./request-facts";

type Route = { params: Promise<{ org: string }> };

/** Declares a form's POST that a signed-in member gets a file from; other methods answer 405 with `Allow`. */
export function memberDownload<S extends z.ZodType>(
  input: S,
  run: (ctx: Context, input: z.output<S>) => Promise<Response>,
) {
  const post = async (request: Request, { params }: Route): Promise<Response> => {
    const id = await requestId();
    const member = await currentMember((await params).org);
    try {
      const parsed = input.safeParse(Object.fromEntries(await request.formData()));
      if (!parsed.success) throw new DomainError("invalid_request", "This form is not one of ours.");
      return await run(createContext(member, id, await remoteAddress()), parsed.data);
    } catch (error) {
      return errorResponse(error, id);
    }
  };
  const refuse = refuseMethod("POST");
  return { GET: refuse, HEAD: refuse, POST: post, PUT: refuse, PATCH: refuse, DELETE: refuse, OPTIONS: refuse };
}
