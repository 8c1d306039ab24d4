import { upstreamOrigin, type UpstreamAddress } from "./remote-url";

/** Where a redirect leads, if it stays on the origin and at Git's endpoint. */
export function redirectedPath(
  upstream: Pick<UpstreamAddress, "host">,
  from: string,
  location: string | null,
): string | null {
  const origin = upstreamOrigin(upstream);
  const base = `${origin}${from}/info/`;
  if (location === null || !URL.canParse(location, base)) return null;
  const target = new URL(location, base);
  if (target.origin !== new URL(origin).origin || target.username) return null;
  return /^(\/.+)\/info\/refs$/.exec(target.pathname)?.[1] ?? null;
}
