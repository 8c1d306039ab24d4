import "server-only";
import type { Context } from "@/lib/domain/context";
import { createContext } from "@/lib/platform/context";
import { remoteAddress, requestId } from "./request-facts";

/** What the verbs get that somebody may call before signing in: a link's token or a password is all they go by. */
export async function anonymousContext(): Promise<Omit<Context, "actor">> {
  const nobody = { kind: "system", name: "", organizationId: "", organizationSlug: "" } as const;
  const { actor: _, ...ctx } = createContext(nobody, await requestId(), await remoteAddress());
  return ctx;
}
