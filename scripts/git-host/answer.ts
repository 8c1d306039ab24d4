import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { HOSTILE } from "./hostile-answers";
import { renewToken } from "./renew-token";
import type { Access, GitHost } from "./start-git-host";

export interface HostState extends Pick<
  GitHost,
  | "tokens"
  | "requests"
  | "connections"
  | "sent"
  | "tokensEnd"
  | "tokenDescription"
  | "renews"
  | "renewed"
  | "elsewhere"
  | "commit"
> {
  folder: string;
  software: "GitLab" | "Gitea";
  publicRepositories: Set<string>;
  /** What GitLab says of tokens that it renewed itself. */
  described: Map<string, object>;
  /** Who signed in last at the upstream that redirects by it. */
  lastMark?: string;
}

/** Answers one request as the host's software does (for the facts, see the providers' documentation). */
export function answer(state: HostState, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "https://localhost");
  state.requests.push({
    line: `${request.method} ${url.pathname}${url.search}`,
    authorization: request.headers.authorization ?? null,
  });
  if (url.pathname === "/hooks") return takeDelivery(request, response);
  const hostile = /^\/hostile\/([^/.]+)/.exec(url.pathname)?.[1];
  if (hostile) {
    const serve = (pathname: string) => serveGit(state, { pathname, search: url.search }, request, response);
    return HOSTILE[hostile]?.({ state, url, request, response, serve });
  }
  if (url.pathname === "/api/v4/personal_access_tokens/self") return answerToken(state, request, response);
  if (url.pathname === "/api/v4/personal_access_tokens/self/rotate" && state.software === "GitLab") {
    return void renewToken(state, request, response);
  }
  const api = /^\/api\/v1\/repos\/([^/]+\/[^/]+)$/.exec(url.pathname);
  if (api) return answerPermissions(state, request, response);
  const git = /^\/([^/]+\/[^/]+?)(\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(url.pathname);
  if (!git) return refuse(response, 404);
  const [, name, suffix, endpoint] = git;
  if (!suffix) {
    response.writeHead(301, { location: `/${name}.git/${endpoint}${url.search}` }).end();
    return;
  }
  const writes = endpoint === "git-receive-pack" || url.searchParams.get("service") === "git-receive-pack";
  const isPublic = state.publicRepositories.has(name!);
  const access = signedIn(state, request);
  if (access === "wrong" || (!access && (writes || !isPublic))) return challenge(state, response);
  if (access === "none" && !isPublic) return refuse(response, 404);
  if (access === "little" || (access && writes && access !== "write")) return refuse(response, 403);
  serveGit(state, url, request, response);
}

/** Not a Git host's business, but somebody's to whom the demo's webhooks can be sent. */
function takeDelivery(request: IncomingMessage, response: ServerResponse): void {
  request.resume().once("end", () => response.writeHead(204).end());
}

function signedIn(state: HostState, request: IncomingMessage): Access | "wrong" | undefined {
  const { authorization } = request.headers;
  if (!authorization) return undefined;
  const [scheme, value = ""] = authorization.split(" ");
  if (scheme === "Bearer") return state.tokens.get(value) ?? "wrong";
  const [username, ...password] = Buffer.from(value, "base64").toString("utf8").split(":");
  const token = password.join(":");
  state.sent.push(token);
  return (username && state.tokens.get(token)) || "wrong";
}

function answerToken(state: HostState, request: IncomingMessage, response: ServerResponse): void {
  const access = signedIn(state, request);
  if (state.software !== "GitLab") return refuse(response, 404);
  if (!access || access === "wrong") return challenge(state, response);
  const scopes = access === "write" ? ["read_repository", "write_repository"] : ["read_repository"];
  const told = { active: true, scopes, expires_at: state.tokensEnd, last_used_at: "2026-11-20T10:00:00.000Z" };
  const token = request.headers.authorization?.slice("Bearer ".length) ?? "";
  json(response, { ...told, ...state.tokenDescription, ...state.described.get(token) });
}

function answerPermissions(state: HostState, request: IncomingMessage, response: ServerResponse): void {
  const access = signedIn(state, request);
  if (!access || access === "wrong") return challenge(state, response);
  json(response, { permissions: { pull: true, push: access === "write" } });
}

function challenge({ software }: HostState, response: ServerResponse): void {
  response.writeHead(401, { "www-authenticate": `Basic realm="${software}"` }).end();
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-type": "text/plain" }).end();
}

function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** Hands the request to Git's own CGI. */
function serveGit(
  state: HostState,
  url: Pick<URL, "pathname" | "search">,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const git = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: process.env.NODE_ENV,
      GIT_PROJECT_ROOT: state.folder,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      REMOTE_USER: "user",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(git.stdin);
  let head = Buffer.alloc(0);
  const readHead = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    const headers = head
      .subarray(0, end)
      .toString("latin1")
      .split("\r\n")
      .map((line) => line.split(/:\s*/, 2) as [string, string]);
    const status = headers.find(([name]) => name === "Status")?.[1];
    response.writeHead(status ? Number.parseInt(status, 10) : 200, Object.fromEntries(headers));
    response.write(head.subarray(end + 4));
    git.stdout.off("data", readHead);
    git.stdout.pipe(response);
  };
  git.stdout.on("data", readHead);
  git.once("error", () => refuse(response, 500));
}
