import { parseCloneUrl, type ParsedCloneUrl } from "@/lib/contract/clone-url";
import { password, username } from "@/lib/contract/credentials";
import type { ImportProblem } from "@/lib/contract/imports";
import { upstreamHost, type ProviderName } from "@/lib/contract/providers";
import { repositoryName, upstreamName, upstreamOwner } from "@/lib/contract/repositories";
import { secretAdvice } from "@/lib/contract/secret-advice";
import { providerFromWire } from "../repositories/provider-names";
import type { UpstreamAddress } from "../upstream/remote-url";
import type { Secret } from "../vault/vault";
import type { GivenLine } from "./parse-lines";

/** What a line asks for. */
export interface ReadLine {
  line: number;
  /** What the repository is to be called here: as the line says, or else as on its host. */
  repository: string;
  named: boolean;
  upstream: UpstreamAddress;
  secret: Secret | null;
}

/**
 * A line as what it asks for, or why it asks for nothing that can be done. `otherHosts` is the software of hosts whose
 * names do not tell theirs.
 */
export function readLine(
  { line, values }: GivenLine,
  otherHosts: ProviderName | null,
): ReadLine | { line: number; problem: ImportProblem } {
  const [address = "", user = "", secret = "", name = "", ...more] = values;
  const url = parseCloneUrl(address);
  if (!url || !isAddress(url)) return { line, problem: "address" };
  if (more.some((value) => value !== "")) return { line, problem: "values" };
  const provider = url.provider ?? otherHosts;
  if (!provider) return { line, problem: "provider" };
  if (looksLikeToken(user) || looksLikeToken(name)) return { line, problem: "order" };
  if (url.secret && (user || secret)) return { line, problem: "two_sign_ins" };
  const typed = secret || (url.secret ?? "");
  // Hosts print addresses with a username in them, which says nothing without a secret.
  const signIn = { username: user || (typed ? url.username : null), password: typed };
  const problem = signInProblem(provider, signIn);
  if (problem) return { line, problem };
  const repository = repositoryName.safeParse(name || url.name);
  if (!repository.success) return { line, problem: "name" };
  return {
    line,
    repository: repository.data,
    named: name !== "",
    upstream: {
      provider: providerFromWire(provider),
      host: upstreamHost.parse(url.host),
      owner: url.owner,
      name: url.name,
    },
    secret: signIn.password ? signIn : null,
  };
}

function isAddress({ host, owner, name }: ParsedCloneUrl): boolean {
  return [upstreamHost.safeParse(host), upstreamOwner.safeParse(owner), upstreamName.safeParse(name)].every(
    ({ success }) => success,
  );
}

/** A token where a name belongs would be shown to everybody. Gitea's have no prefix: one with a prefix is some host's. */
function looksLikeToken(value: string): boolean {
  return secretAdvice("gitea", value)?.kind === "wrong";
}

function signInProblem(provider: ProviderName, signIn: { username: string | null; password: string }) {
  if (signIn.password === "") return signIn.username ? "no_secret" : null;
  if (provider === "github") return "github_secret";
  if (!username.safeParse(signIn.username ?? "").success) return "username";
  if (!password.safeParse(signIn.password).success) return "secret";
  return secretAdvice(provider, signIn.password)?.kind === "wrong" ? "wrong_secret" : null;
}
