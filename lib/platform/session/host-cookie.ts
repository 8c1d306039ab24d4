import "server-only";
import { env } from "@/lib/platform/env";

/**
 * What one of our cookies is called and how it is set: out of reach for scripts, not sent along with what other sites
 * begin, and under HTTPS tied to this very host by `__Host-`, which a browser grants there only.
 */
export function hostCookie(name: string) {
  const secure = env().LATCHKEY_URL.startsWith("https://");
  return {
    name: secure ? `__Host-latchkey.${name}` : `latchkey.${name}`,
    options: { httpOnly: true, sameSite: "lax", path: "/", secure } as const,
  };
}
