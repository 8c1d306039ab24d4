import type { Provider } from "@/lib/platform/prisma-client/enums";

export interface UpstreamAddress {
  provider: Provider;
  /** With `:port` where it is not 443. */
  host: string;
  owner: string;
  name: string;
}

/** The origin that a credential is bound to. */
export function upstreamOrigin(upstream: Pick<UpstreamAddress, "host">): string {
  return `https://${upstream.host}`;
}

/** Where the repository is on its host: where the host's own redirects led before, or else as its clone URL has it. */
export function upstreamPath(upstream: UpstreamAddress & { canonicalPath: string | null }): string {
  return upstream.canonicalPath ?? new URL(remoteUrl(upstream)).pathname;
}

/** The HTTPS clone URL, in the form that the host serves without a redirect. */
export function remoteUrl({ provider, host, owner, name }: UpstreamAddress): string {
  if (provider === "srht") return `https://${host}/~${owner.replace(/^~/, "")}/${name}`;
  return `https://${host}/${owner}/${name}.git`;
}
