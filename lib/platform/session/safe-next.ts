/** Where to go after signing in: a path of our own, else the start page. An address that leads elsewhere is dropped. */
export function safeNext(next: string): string {
  const base = "http://latchkey.invalid";
  if (!next.startsWith("/") || next.length > 2000) return "/";
  const url = URL.canParse(next, base) ? new URL(next, base) : undefined;
  if (url?.origin !== base || url.pathname.startsWith("//")) return "/";
  return url.pathname + url.search;
}
