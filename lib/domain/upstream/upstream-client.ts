import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import type { Readable } from "node:stream";
import { rootCertificates } from "node:tls";
import { Agent, request } from "undici";
import type { TestReason } from "@/lib/contract/test-outcome";
import { withDeadline } from "./deadline";
import { withoutBrackets, withoutPort, type EgressPolicy } from "./egress-policy";

export interface UpstreamAnswer {
  status: number;
  contentType: string;
  location: string | null;
  /** `WWW-Authenticate`, which tells what software a host runs. */
  challenge: string | null;
  /** At most `MAX_BYTES` of the body. */
  body: Buffer;
}

export interface UpstreamStream extends Omit<UpstreamAnswer, "body"> {
  /** Ends the connection however far it got; must be called once the body is read or given up. */
  close(): Promise<void>;
  body: Readable;
}

export interface UpstreamRequest {
  method: "GET" | "POST";
  path: string;
  headers: Record<string, string>;
  body?: Readable | Buffer;
  signal: AbortSignal;
}

/** Reaches upstream hosts: every connection of ours to one goes through here. */
export interface UpstreamClient {
  /**
   * One GET over TLS to an address that was just resolved and checked; redirects are answered, not followed.
   * Throws `UpstreamUnreachable`, with "time" where the signal aborts.
   */
  get(host: string, request: { path: string; authorization?: string; signal: AbortSignal }): Promise<UpstreamAnswer>;
  /** The same for any request, its body and its answer being streams. Throws `UpstreamUnreachable`. */
  open(host: string, request: UpstreamRequest): Promise<UpstreamStream>;
}

/** No answer was had; `reason` is one of a closed set, and no text of the host's is in it. */
export class UpstreamUnreachable extends Error {
  constructor(readonly reason: TestReason) {
    super(`upstream unreachable: ${reason}`);
    this.name = "UpstreamUnreachable";
  }
}

const RESOLVE_MS = 5_000;
const CONNECT_MS = 7_000;
/** Between two signs of life: Git servers send one every five seconds while they prepare a pack. */
const SILENCE_MS = 60_000;
/** From the first byte sent to the last byte read. */
const ANSWER_MS = 15_000;
/** An advertisement's first packet and a token's description are far smaller. */
const MAX_BYTES = 64 * 1024;

/** A client under this policy, which trusts these certificate authorities (PEM) besides the usual ones. */
export function createUpstreamClient(
  policy: EgressPolicy,
  authorities?: string,
  { answerMs = ANSWER_MS }: { answerMs?: number } = {},
): UpstreamClient {
  const ca = authorities ? [...rootCertificates, authorities] : undefined;
  const open: UpstreamClient["open"] = async (host, { path, headers, ...options }) => {
    const addresses = await resolve(policy, host, options.signal);
    const agent = new Agent({ connect: { ca, timeout: CONNECT_MS, lookup: pinned(addresses) } });
    try {
      const answer = await request(`https://${host}${path}`, {
        ...options,
        dispatcher: agent,
        headersTimeout: SILENCE_MS,
        bodyTimeout: SILENCE_MS,
        headers: { "user-agent": GIT_AGENT, ...headers, "accept-encoding": "identity" },
      });
      return {
        status: answer.statusCode,
        contentType: one(answer.headers["content-type"]) ?? "",
        location: one(answer.headers.location),
        challenge: one(answer.headers["www-authenticate"]),
        body: answer.body,
        close: () => agent.destroy(),
      };
    } catch (error) {
      await agent.destroy();
      throw new UpstreamUnreachable(reasonOf(error));
    }
  };
  return {
    open,
    get: (host, { path, authorization, signal: caller }) =>
      withDeadline(answerMs, caller, async (signal) => {
        const headers = { accept: "*/*", ...(authorization && { authorization }) };
        const { body, ...stream } = await open(host, { method: "GET", path, headers, signal });
        try {
          const { status, contentType, location, challenge } = stream;
          return { status, contentType, location, challenge, body: await firstBytes(body) };
        } catch (error) {
          throw new UpstreamUnreachable(reasonOf(error));
        } finally {
          await stream.close();
        }
      }),
  };
}

/** Some hosts serve Git's endpoints to what calls itself Git only. */
const GIT_AGENT = "git/2.40 (latchkey)";

async function firstBytes(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_BYTES);
}

interface Address {
  address: string;
  family: number;
}

/** Every address of the host, all of them allowed. One that is not refuses the host: the next answer could pick it. */
async function resolve(policy: EgressPolicy, host: string, signal: AbortSignal): Promise<Address[]> {
  const name = withoutBrackets(withoutPort(host));
  const addresses = isIP(name) ? [{ address: name, family: isIP(name) }] : await lookUp(name, signal);
  if (addresses.length === 0) throw new UpstreamUnreachable("name");
  if (!addresses.every(({ address }) => policy.allows(host, address))) throw new UpstreamUnreachable("address");
  return addresses;
}

/** The system's resolver has no time-out of ours to set, so its answer is not waited for beyond one. */
function lookUp(name: string, caller: AbortSignal): Promise<Address[]> {
  return withDeadline(RESOLVE_MS, caller, (signal) => {
    const late = new Promise<never>((_resolve, reject) => {
      const giveUp = () => reject(new UpstreamUnreachable("time"));
      if (signal.aborted) giveUp();
      signal.addEventListener("abort", giveUp, { once: true });
    });
    const answer = lookup(name, { all: true, verbatim: true }).catch(() => {
      throw new UpstreamUnreachable("name");
    });
    return Promise.race([answer, late]);
  });
}

/** Answers the socket's own question for an address with the ones that were checked. */
function pinned(addresses: Address[]): LookupFunction {
  return (_hostname, options, callback) => {
    if (options.all) callback(null, addresses);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  };
}

function one(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}

const TLS_CODES = /^(ERR_TLS|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|EPROTO|ERR_SSL|HOSTNAME_MISMATCH|INVALID_CA)/;

function reasonOf(error: unknown): TestReason {
  if (error instanceof UpstreamUnreachable) return error.reason;
  const { name = "", code = "" } = error as { name?: string; code?: string };
  if (TLS_CODES.test(code)) return "certificate";
  if (/TIMEOUT/.test(code) || code === "ETIMEDOUT" || name === "TimeoutError" || name === "AbortError") return "time";
  return "connection";
}
