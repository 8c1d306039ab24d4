import { randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { SyncOutcome, SyncReason } from "@/lib/contract/sync-runs";
import { redirectedPath } from "./redirected-path";
import { refusedSignIn } from "./refused-sign-in";
import { watchForEcho, type EchoWatch } from "./secret-echo";
import {
  UpstreamUnreachable,
  type UpstreamClient,
  type UpstreamConnection,
  type UpstreamStream,
} from "./upstream-client";

/** What one job may reach, and how. */
export interface GatewayTarget {
  host: string;
  /** The repository's path on the host. */
  path: string;
  /**
   * Asked before every request to the upstream, so that a secret that was replaced or removed a moment ago is not sent;
   * null goes without. `JobStopped` ends the job as "stopped"; anything else is ours, and the job's `error`.
   */
  authorize: () => Promise<string | null>;
  maxBytes: number;
  signal: AbortSignal;
}

/** Thrown by `authorize` where the job has lost what it began with, or its secret does not open ("unreadable"). */
export class JobStopped extends Error {
  constructor(readonly reason: Extract<SyncReason, "unreadable"> | null = null) {
    super("job stopped");
  }
}

export interface GatewayFailure {
  outcome: Exclude<SyncOutcome, "succeeded">;
  reason: SyncReason | null;
}

export interface GatewayJob {
  /** What git is given as its remote. */
  url: string;
  /** `Name: value`, which only the child that runs for this job is told. */
  childHeader: string;
  /** Why the upstream's answer was not passed on, if one was not. */
  failure: () => GatewayFailure | null;
  /** What failed on our side, if something did. */
  error: () => unknown;
  /** The repository's path, as the upstream's own redirects have it. */
  path: () => string;
  bytes: () => number;
  /** Ends the job, and what it still has open to its upstream. */
  close: () => void;
}

export interface Gateway {
  open(target: GatewayTarget): GatewayJob;
  stop(): Promise<void>;
}

interface OpenJob {
  target: GatewayTarget;
  upstream: UpstreamConnection;
  secret: Buffer;
  path: string;
  bytes: number;
  failure: GatewayFailure | null;
  error: unknown;
}

const CHILD_HEADER = "x-latchkey-job";
export const MAX_REDIRECTS = 3;
const SERVICE = "git-upload-pack";
/** On their way to git, of one answer. */
const BUFFERED_BYTES = 512 * 1024;
/** Of a list of branches, which git keeps in memory: a million of them. */
export const MAX_LIST_BYTES = 64 * 1024 * 1024;

/**
 * Stands between git and its upstreams, on loopback: git never holds a secret. A job is an address that nobody can guess
 * and a header that only its child knows; the requests of a fetch are all it takes. `Authorization` is added here,
 * cookies are not passed in either direction, what is no Git answer is replaced by a fixed one, and one that repeats the
 * secret is broken off.
 */
export async function startGateway(client: UpstreamClient): Promise<Gateway> {
  const jobs = new Map<string, OpenJob>();
  const server = createServer({ highWaterMark: BUFFERED_BYTES }, (request, response) => {
    const found = findJob(jobs, request);
    if (!found) {
      response.writeHead(404).end();
      return;
    }
    void pass(found.job, found.endpoint, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    open(target) {
      const nonce = randomBytes(24).toString("hex");
      const secret = randomBytes(24).toString("hex");
      const job: OpenJob = {
        target,
        upstream: client.connect(target.host),
        secret: Buffer.from(secret),
        path: target.path,
        bytes: 0,
        failure: null,
        error: undefined,
      };
      jobs.set(nonce, job);
      return {
        url: `http://127.0.0.1:${port}/${nonce}`,
        childHeader: `${CHILD_HEADER}: ${secret}`,
        failure: () => job.failure,
        error: () => job.error,
        path: () => job.path,
        bytes: () => job.bytes,
        close: () => {
          jobs.delete(nonce);
          job.upstream.close();
        },
      };
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Endpoint = "refs" | "pack";

function findJob(
  jobs: Map<string, OpenJob>,
  { method, url = "", headers }: IncomingMessage,
): { job: OpenJob; endpoint: Endpoint } | undefined {
  const [, nonce = "", rest] = /^\/([0-9a-f]{48})(\/.*)$/.exec(url) ?? [];
  const job = jobs.get(nonce);
  const given = Buffer.from(String(headers[CHILD_HEADER] ?? ""));
  if (!job || given.length !== job.secret.length || !timingSafeEqual(given, job.secret)) return undefined;
  if (method === "GET" && rest === `/info/refs?service=${SERVICE}`) return { job, endpoint: "refs" };
  if (method === "POST" && rest === `/${SERVICE}`) return { job, endpoint: "pack" };
  return undefined;
}

async function pass(
  job: OpenJob,
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let asked: Asked | undefined;
  try {
    const lists = endpoint === "refs" || (await asksForList(request));
    asked = endpoint === "refs" ? await askForRefs(job, request) : await ask(job, endpoint, request);
    const { answer, echo } = asked;
    const wanted = `application/x-${SERVICE}-${endpoint === "refs" ? "advertisement" : "result"}`;
    const isGit = answer.status === 200 && answer.contentType.startsWith(wanted) && !answer.encoded;
    if (!isGit) throw new Refused(failureOf(answer));
    response.writeHead(200, { "content-type": wanted, "cache-control": "no-cache" });
    const most = lists ? MAX_LIST_BYTES : Infinity;
    await pipeline(answer.body, watching(job, { echo, most, gather: inFewerWrites(response) }), response);
  } catch (error) {
    job.failure ??= toFailure(job, error);
    if (response.headersSent) response.destroy();
    else response.writeHead(502, { "content-type": "text/plain" }).end("The upstream did not answer as Git does.\n");
  } finally {
    asked?.answer.close();
  }
}

/** Whether git asks for a list of branches, in version 2 of its protocol; its first packet is a command. */
async function asksForList(request: IncomingMessage): Promise<boolean> {
  if (request.readableLength === 0) await once(request, "readable");
  const head = request.read() as Buffer | null;
  if (head) request.unshift(head);
  return head?.subarray(4, 24).toString("latin1").startsWith("command=ls-refs") ?? false;
}

class Refused extends Error {
  constructor(readonly failure: GatewayFailure) {
    super(failure.outcome);
  }
}

/** An answer, and what it must not hold. */
interface Asked {
  answer: UpstreamStream;
  echo: EchoWatch;
}

/** The first question, along redirects within the upstream's own origin; the job goes on where they led. */
async function askForRefs(job: OpenJob, request: IncomingMessage): Promise<Asked> {
  for (let hop = 0; ; hop += 1) {
    const asked = await ask(job, "refs", request);
    const { answer, echo } = asked;
    const redirected = answer.status >= 300 && answer.status < 400;
    const next = redirected ? redirectedPath(job.target, job.path, answer.location) : null;
    if (next === null || hop === MAX_REDIRECTS || echo.seenInPath(next)) return asked;
    answer.close();
    job.path = next;
  }
}

async function ask(job: OpenJob, endpoint: Endpoint, request: IncomingMessage): Promise<Asked> {
  const { target, path, upstream } = job;
  const authorization = await authorized(job);
  const passed = ["accept", "content-type", "content-encoding", "git-protocol"] as const;
  const headers = Object.fromEntries(
    passed.flatMap((name) => (typeof request.headers[name] === "string" ? [[name, request.headers[name]]] : [])),
  ) as Record<string, string>;
  const answer = await upstream.open({
    path: endpoint === "refs" ? `${path}/info/refs?service=${SERVICE}` : `${path}/${SERVICE}`,
    method: endpoint === "refs" ? "GET" : "POST",
    headers: { ...headers, ...(authorization !== null && { authorization }) },
    signal: target.signal,
    ...(endpoint === "pack" && { body: request }),
  });
  return { answer, echo: watchForEcho(authorization) };
}

async function authorized(job: OpenJob): Promise<string | null> {
  try {
    return await job.target.authorize();
  } catch (error) {
    if (!(error instanceof JobStopped)) job.error = error;
    throw new Refused({ outcome: "stopped", reason: error instanceof JobStopped ? error.reason : null });
  }
}

function watching(
  job: OpenJob,
  { echo, most, gather }: { echo: EchoWatch; most: number; gather: () => void },
): Transform {
  let bytes = 0;
  return new Transform({
    highWaterMark: BUFFERED_BYTES,
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      job.bytes += chunk.length;
      if (job.bytes > job.target.maxBytes || bytes > most) done(new Refused({ outcome: "too_large", reason: null }));
      else if (echo.seenIn(chunk)) done(new Refused({ outcome: "bad_objects", reason: null }));
      else {
        gather();
        done(null, chunk);
      }
    },
  });
}

/** Has what arrives in one turn of the event loop written at once: a pack comes in pieces of 16 KB. */
function inFewerWrites(response: ServerResponse): () => void {
  let gathering = false;
  return () => {
    if (gathering) return;
    gathering = true;
    response.cork();
    setImmediate(() => {
      gathering = false;
      if (!response.writableEnded) response.uncork();
    });
  };
}

function failureOf({ status, challenge }: UpstreamStream): GatewayFailure {
  if (status === 401) return { outcome: "rejected", reason: refusedSignIn(challenge) };
  if (status === 403) return { outcome: "scope_too_small", reason: null };
  if (status === 404) return { outcome: "no_access", reason: null };
  if (status === 429 || status >= 500) return { outcome: "unreachable", reason: "host_error" };
  return { outcome: "not_git", reason: null };
}

/** Null where it was git that went, in the midst of an answer: it says why itself. */
function toFailure({ target }: OpenJob, error: unknown): GatewayFailure | null {
  if (error instanceof Refused) return error.failure;
  if (target.signal.aborted) return { outcome: "unreachable", reason: "time" };
  if (error instanceof UpstreamUnreachable) return { outcome: "unreachable", reason: error.reason };
  // An upstream that goes in the midst of an answer ends its body with an error of its own.
  if ((error as NodeJS.ErrnoException).code === "ERR_STREAM_PREMATURE_CLOSE") return null;
  return { outcome: "unreachable", reason: "connection" };
}
