import { DEFAULT_HOSTS, PROVIDERS, type ProviderName } from "./providers";

export interface ParsedCloneUrl {
  /** Known from the host where the host is a provider's own, else left to the reader. */
  provider: ProviderName | null;
  /** With `:port` where it is not the scheme's own. */
  host: string;
  owner: string;
  name: string;
  username: string | null;
  /** What stood as the password in the address; it belongs in the credential form and nowhere else. */
  secret: string | null;
}

/**
 * Takes a pasted clone address apart: `https://user:token@host/owner/name.git`, `ssh://git@host/owner/name`,
 * `git@host:owner/name.git`, or a page's address on the host. Null where it is none of these, and where a part of it may
 * be the rest of a secret. Runs in the browser, so that a secret in the address is never sent with it.
 */
export function parseCloneUrl(pasted: string): ParsedCloneUrl | null {
  const text = pasted.trim();
  const signIn = /^[^/@:]*:[^/]*@/.test(text);
  const scp = signIn ? null : /^(?:[A-Za-z0-9._-]+@)?([A-Za-z0-9.-]+):(?!\/\/|\d+\/)(.+)$/.exec(text);
  const url = scp ? `ssh://${scp[1]}/${scp[2]}` : /^[a-z+]+:\/\//i.test(text) ? text : `https://${text}`;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !["https:", "http:", "ssh:", "git:", "git+ssh:"].includes(parsed.protocol)) return null;
  const web = parsed.protocol === "https:" || parsed.protocol === "http:";
  // A port of SSH says nothing about where HTTPS listens.
  const host = (web ? parsed.host : parsed.hostname).toLowerCase();
  const parts = pathParts(parsed.pathname);
  // A host of one's own network may be one word; without its scheme, so may anything that is typed.
  if (!(host.includes(".") || /^https?:\/\//i.test(text)) || parts.length < 2) return null;
  // An at sign behind the host is the end of a sign-in that was not encoded: no host has one in a repository's path.
  if (`${decode(parsed.pathname)}${parsed.search}${parsed.hash}`.includes("@")) return null;
  const name = parts.at(-1)!;
  const owner = parts.slice(0, -1).join("/");
  const { username, secret } = web ? signInOf(parsed) : { username: null, secret: null };
  return { provider: providerOf(host), host, owner, name, username, secret };
}

/** The path without `.git`, and without what a host's web pages add behind a repository (`/-/tree/main`, `/src/…`). */
function pathParts(pathname: string): string[] {
  const parts = decode(pathname).split("/").filter(Boolean);
  const dash = parts.indexOf("-");
  const own = dash > 1 ? parts.slice(0, dash) : parts;
  const web = own.findIndex((part, index) => index >= 2 && ["src", "branches", "commits", "settings"].includes(part));
  return (web > 0 ? own.slice(0, web) : own).map((part, index, all) =>
    index === all.length - 1 ? part.replace(/\.git$/, "") : part,
  );
}

function signInOf(url: URL): { username: string | null; secret: string | null } {
  const username = decode(url.username) || null;
  const secret = decode(url.password) || null;
  // With one part only, it is the token itself unless it is the name that hosts print in their clone addresses.
  if (username && !secret && username.length >= 16) return { username: null, secret: username };
  return { username, secret };
}

function providerOf(host: string): ProviderName | null {
  const known = PROVIDERS.find((provider) => DEFAULT_HOSTS[provider] === host);
  if (known) return known;
  return PROVIDERS.find((provider) => host.split(".")[0] === provider) ?? null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
