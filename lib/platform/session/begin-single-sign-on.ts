import "server-only";
import { refusedPath } from "@/lib/contract/single-sign-on";
import { DomainError } from "@/lib/domain/errors";
import { identityProvider } from "@/lib/platform/env";
import { safeNext } from "./safe-next";
import { countAddress } from "./sign-in-throttle";
import { seeOther, startSingleSignOn } from "./single-sign-on";

/**
 * Answers the link to single sign-on. A link, and not a form: a browser would hold the form's policy against every
 * redirect of the identity provider. Only our own pages and the address bar lead here, so nobody is sent on a way that
 * they did not choose.
 */
export async function beginSingleSignOn(request: Request): Promise<Response> {
  const from = request.headers.get("sec-fetch-site");
  const foreign = from !== null && from !== "same-origin" && from !== "none";
  if (!identityProvider() || foreign) return seeOther("/sign-in");
  const next = safeNext(new URL(request.url).searchParams.get("next") ?? "/");
  try {
    await countAddress();
    return await startSingleSignOn(next);
  } catch (error) {
    if (error instanceof DomainError && error.code === "throttled") return seeOther(refusedPath("throttled"));
    throw error;
  }
}
