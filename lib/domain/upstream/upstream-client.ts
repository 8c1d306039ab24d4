import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import type { Readable } from "node:stream";
import { createSecureContext, rootCertificates } from "node:tls";
import { Agent, request, type Dispatcher } from "undici";
import type { TestReason } from "@/lib/contract/test-outcome";
import { holdAuthorization } from "../credentials/secrets-in-use";
import { withDeadline } from "./deadline";
import { withoutBrackets, type EgressPolicy } from "./egress-policy";

export interface UpstreamAnswer {
  status: number;
  contentType: string;
  location: string | null;
  /** Every `WWW-Authenticate`: how a host lets one sign in, and what software it runs. */
  challenge: string | null;
  /** At most `MAX_BYTES` of the body. */
  body: Buffer;
}

export interface UpstreamStream extends Omit<UpstreamAnswer, "body"> {
  /** Whether the host compressed its answer, though it was asked not to. */
  encoded: boolean;
  body: Readable;
  /** Must be called once the body is read or given up; a body that is left unread ends its connection. */
  close(): void;
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
  /** The way to one host for one test or one pull, which must be closed. Opens nothing yet. */
  connect(host: string): UpstreamConnection;
}

/**
 * Requests to one host over TLS. A connection is kept from one request to the next, and shared with no other test or
 * pull: some hosts bind a sign-in to it. Each goes to an address that was resolved and checked for it.
 */
export interface UpstreamConnection {
  /**
   * One GET; redirects are answered, not followed. Throws `UpstreamUnreachable`, with "time" where the signal aborts.
   */
  get(request: { path: string; authorization?: string; signal: AbortSignal }): Promise<UpstreamAnswer>;
  /** One POST of JSON, in the same way. What was sent may have had its effect where this throws. */
  post(request: { path: string; authorization: string; json: object; signal: AbortSignal }): Promise<UpstreamAnswer>;
  /** The same for any request, its body and its answer being streams. Throws `UpstreamUnreachable`. */
  open(request: UpstreamRequest): Promise<UpstreamStream>;
  /** Ends whatever is open. */
  close(): void;
}

/** No answer was had; `reason` is one of a closed set, and no text of the host's is in it. */
export class UpstreamUnreachable extends Error {
  constructor(readonly reason: TestReason) {
    super(`upstream unreachable: ${reason}`);
    this.name = "UpstreamUnreachable";
  }
}

export const RESOLVE_MS = 5_000;
export const CONNECT_MS = 7_000;
/** Between two signs of life: Git servers send one every five seconds while they prepare a pack. */
export const SILENCE_MS = 60_000;
/** From the first byte sent to the last byte read. */
export const ANSWER_MS = 15_000;
/** An advertisement's first packet and a token's description are far smaller. */
export const MAX_BYTES = 64 * 1024;

/** Every address of a name, as the system's resolver has them. */
export type ResolveName = (name: string) => Promise<Address[]>;

const resolveBySystem: ResolveName = (name) => lookup(name, { all: true, verbatim: true });

/** A client under this policy, which trusts these certificate authorities (PEM) besides the usual ones. */
export function createUpstreamClient(
  policy: EgressPolicy,
  authorities?: string,
  { answerMs = ANSWER_MS, resolveName = resolveBySystem }: { answerMs?: number; resolveName?: ResolveName } = {},
): UpstreamClient {
  // Made once: reading a hundred and fifty certificates takes longer than a handshake.
  const secureContext = createSecureContext({ ca: authorities ? [...rootCertificates, authorities] : undefined });
  return {
    connect(host) {
      const agent = new Agent({
        // One after the other is how git asks, too; a second connection would cost another handshake.
        connections: 1,
        connect: {
          secureContext,
          // In so many words: the environment can turn Node's default off.
          rejectUnauthorized: true,
          timeout: CONNECT_MS,
          lookup: checkedLookup(policy, host, resolveName),
        },
      });
      // What a host sends back may hold what it was sent.
      const held: (() => void)[] = [];
      const open: UpstreamConnection["open"] = async ({ path, headers, ...options }) => {
        const address = addressOf(policy, host, path);
        if (headers.authorization) held.push(holdAuthorization(headers.authorization));
        const { signal } = options;
        // A request that waits for its connection does not hear its signal: the connection is given up with it.
        const giveUp = () => void agent.destroy(signal.reason as Error);
        signal.addEventListener("abort", giveUp, { once: true });
        try {
          const answer = await request(address, {
            ...options,
            dispatcher: agent,
            headersTimeout: SILENCE_MS,
            bodyTimeout: SILENCE_MS,
            headers: { "user-agent": GIT_AGENT, ...headers, "accept-encoding": "identity" },
          });
          return toStream(answer);
        } catch (error) {
          throw new UpstreamUnreachable(reasonOf(error));
        } finally {
          signal.removeEventListener("abort", giveUp);
        }
      };
      // Not waited for: a connection that is not secured yet ends with its own time-out only.
      const close = () => {
        for (const release of held.splice(0)) release();
        void agent.destroy();
      };
      const ask = askOver(open, answerMs);
      return {
        open,
        get: ({ authorization, ...asked }) =>
          ask({ method: "GET", headers: { ...(authorization && { authorization }) }, ...asked }),
        post: ({ authorization, json, ...asked }) => {
          const headers = { authorization, "content-type": "application/json" };
          return ask({ method: "POST", headers, body: Buffer.from(JSON.stringify(json)), ...asked });
        },
        close,
      };
    },
  };
}

function toStream({ statusCode, headers, body }: Dispatcher.ResponseData): UpstreamStream {
  // Given up, it says so with an error, for which nobody waits any more.
  body.on("error", () => undefined);
  return {
    status: statusCode,
    contentType: one(headers["content-type"]) ?? "",
    location: one(headers.location),
    challenge: all(headers["www-authenticate"]),
    encoded: !["identity", null].includes(one(headers["content-encoding"])),
    body,
    close: () => void body.destroy(),
  };
}

/** A request whose answer is small enough to be read whole, in good time. */
function askOver(open: UpstreamConnection["open"], answerMs: number) {
  return ({ headers, signal: caller, ...asked }: UpstreamRequest): Promise<UpstreamAnswer> =>
    withDeadline(answerMs, caller, async (signal) => {
      const stream = await open({ ...asked, headers: { accept: "*/*", ...headers }, signal });
      try {
        const { status, contentType, location, challenge } = stream;
        return { status, contentType, location, challenge, body: await firstBytes(stream.body) };
      } catch (error) {
        throw new UpstreamUnreachable(reasonOf(error));
      } finally {
        stream.close();
      }
    });
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

/**
 * Where a request goes. Both parts come from the database: neither may make another host of the address than the one that
 * the secret is bound to (`@other.example/app`). A socket asks nobody for the address of a host that is written as one,
 * in whichever way (`127.1`, `0x7f000001`), so that is checked here.
 */
function addressOf(policy: EgressPolicy, host: string, path: string): URL {
  if (/[/?#\\@\s]/.test(host) || !path.startsWith("/")) throw new UpstreamUnreachable("address");
  const text = `https://${host}${path}`;
  if (!URL.canParse(text)) throw new UpstreamUnreachable("name");
  const address = new URL(text);
  const name = withoutBrackets(address.hostname);
  if (isIP(name) && !policy.allows(host, name)) throw new UpstreamUnreachable("address");
  return address;
}

/** Answers a socket's question for an address, each time it asks, with those that were just resolved and checked. */
function checkedLookup(policy: EgressPolicy, host: string, resolveName: ResolveName): LookupFunction {
  return (name, options, callback) => {
    resolve(policy, host, name, resolveName).then(
      (addresses) => {
        if (options.all) callback(null, addresses);
        else callback(null, addresses[0]!.address, addresses[0]!.family);
      },
      (error: unknown) => callback(error as Error, ""),
    );
  };
}

/** Every address of the host, all of them allowed. One that is not refuses the host: the next answer could pick it. */
async function resolve(policy: EgressPolicy, host: string, name: string, resolveName: ResolveName): Promise<Address[]> {
  const addresses = await withDeadline(RESOLVE_MS, undefined, (signal) => lookUp(name, resolveName, signal));
  if (addresses.length === 0) throw new UpstreamUnreachable("name");
  if (!addresses.every(({ address }) => policy.allows(host, address))) throw new UpstreamUnreachable("address");
  return addresses;
}

/** The system's resolver has no time-out of ours to set, so its answer is not waited for beyond the signal. */
function lookUp(name: string, resolveName: ResolveName, signal: AbortSignal): Promise<Address[]> {
  const late = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new UpstreamUnreachable("time")), { once: true });
  });
  const answer = resolveName(name).catch(() => {
    throw new UpstreamUnreachable("name");
  });
  return Promise.race([answer, late]);
}

function one(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}

function all(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header.join(", ") : header) ?? null;
}

const TLS_CODES = /^(ERR_TLS|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|EPROTO|ERR_SSL|HOSTNAME_MISMATCH|INVALID_CA)/;

function reasonOf(error: unknown): TestReason {
  if (error instanceof UpstreamUnreachable) return error.reason;
  const { name = "", code = "" } = error as { name?: string; code?: string };
  if (TLS_CODES.test(code)) return "certificate";
  if (/TIMEOUT/.test(code) || code === "ETIMEDOUT" || name === "TimeoutError" || name === "AbortError") return "time";
  return "connection";
}
