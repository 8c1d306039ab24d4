import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import os from "node:os";
import path from "node:path";
import { answer, type HostState } from "./answer";
import { loopbackCertificate } from "./loopback-certificate";
import type { RenewalManner } from "./renew-token";

/** What a token may do with the private repositories; "little" is a scope that is too small. */
export type Access = "write" | "read" | "little" | "none";

export interface GitHost {
  /** `localhost:PORT` */
  host: string;
  /** The certificate of the host, which signed itself: a file for `LATCHKEY_UPSTREAM_CA_FILE`. */
  caFile: string;
  /** The tokens that are good, beside any username, as most hosts have it. */
  tokens: Map<string, Access>;
  /** Every request, as `METHOD path?query`, with the sign-in that it carried. */
  requests: { line: string; authorization: string | null }[];
  /** The local address of every connection that was opened. */
  connections: string[];
  /** How many connections are open. */
  openConnections(): Promise<number>;
  /** The origin to which `/hostile/elsewhere.git` leads. */
  elsewhere: string;
  /** What GitLab's description of a token says other than usual. */
  tokenDescription: object;
  /** How it answers tokens that renew themselves. */
  renews: RenewalManner;
  /** The tokens that were renewed and are revoked, each with the one in its place. */
  renewed: Map<string, string>;
  /** The day on which GitLab says that a token ends, three months from now: YYYY-MM-DD. */
  tokensEnd: string;
  /** Every token that was sent, good or not. */
  sent: string[];
  /** Makes a repository with one commit on `main`. */
  addRepository(name: `${string}/${string}`, options?: { public?: boolean }): void;
  /** Puts a commit of its own there. */
  commit(name: string, ref: string, message?: string): void;
  /** The same, with one file in it. */
  commitFile(name: string, ref: string, file: { path: string; text: string }): void;
  remove(name: string, ref: string): void;
  /** Object ids by full name, as `git ls-remote` shows them. */
  heads(name: string): Record<string, string>;
  stop(): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const TOKEN_LIFE_MS = 90 * DAY_MS;

/**
 * A real Git server on loopback: `git http-backend` over TLS behind Basic sign-in, with the answers that the given
 * software gives. For the tests and the demo. Its certificate is for `localhost` and 127.0.0.1 unless other names are
 * given, and good for a year unless it is to end sooner.
 */
export async function startGitHost(
  software: "GitLab" | "Gitea" = "Gitea",
  { names, ended = false }: { names?: string[]; ended?: boolean } = {},
): Promise<GitHost> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-git-host-"));
  const certificate = await loopbackCertificate(`${software} on loopback`, { names, ended });
  const caFile = path.join(folder, "ca.pem");
  writeFileSync(caFile, certificate.cert);
  const repositories = path.join(folder, "repositories");
  const folderOf = (name: string) => path.join(repositories, `${name}.git`);
  const state: HostState = {
    folder: repositories,
    software,
    publicRepositories: new Set(),
    tokens: new Map(),
    requests: [],
    connections: [],
    sent: [],
    tokensEnd: new Date(Date.now() + TOKEN_LIFE_MS).toISOString().slice(0, 10),
    tokenDescription: {},
    described: new Map(),
    renews: "properly",
    renewed: new Map(),
    elsewhere: "",
    commit: (name, ref, message) => commit(folderOf(name), ref, message),
  };
  const server = createServer({ key: certificate.private, cert: certificate.cert }, (request, response) => {
    answer(state, request, response);
  });
  server.on("connection", (socket: Socket) => {
    state.connections.push(socket.localAddress?.replace(/^::ffff:/, "") ?? "");
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  state.elsewhere = `https://127.0.0.1:${port}`;
  return Object.assign(state, {
    host: `localhost:${port}`,
    caFile,
    openConnections: () =>
      new Promise<number>((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    addRepository(name: string, options: { public?: boolean } = {}) {
      const folder = folderOf(name);
      git("init", "--quiet", "--bare", "--initial-branch=main", folder);
      commit(folder, "refs/heads/main");
      if (options.public) state.publicRepositories.add(name);
    },
    commitFile: (name: string, ref: string, file: { path: string; text: string }) =>
      commit(folderOf(name), ref, randomUUID(), treeOf(folderOf(name), file)),
    remove: (name: string, ref: string) => void git("-C", folderOf(name), "update-ref", "-d", ref),
    heads(name: string) {
      const lines = git("ls-remote", "--heads", "--tags", "--refs", folderOf(name)).split("\n").filter(Boolean);
      const heads: Record<string, string> = {};
      for (const line of lines) heads[line.slice(line.indexOf("\t") + 1)] = line.slice(0, line.indexOf("\t"));
      return heads;
    },
    stop: async () => {
      await closed(server);
      rmSync(folder, { recursive: true, force: true });
    },
  });
}

function git(...args: string[]): string {
  const who = { NAME: "Demo", EMAIL: "demo@example.com" };
  const author = Object.entries(who).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ]);
  return execFileSync("git", args, {
    encoding: "utf8",
    env: {
      PATH: process.env.PATH,
      NODE_ENV: process.env.NODE_ENV,
      HOME: "/nonexistent",
      GIT_CONFIG_NOSYSTEM: "1",
      ...(Object.fromEntries(author) as Record<string, string>),
    },
  }).trim();
}

function commit(folder: string, ref: string, message: string = randomUUID(), tree = emptyTree(folder)): void {
  const made = git("-C", folder, "commit-tree", tree, "-m", message);
  git("-C", folder, "update-ref", ref, made);
}

function emptyTree(folder: string): string {
  return git("-C", folder, "hash-object", "-w", "-t", "tree", "/dev/null");
}

function treeOf(folder: string, file: { path: string; text: string }): string {
  const scratch = path.join(folder, "scratch");
  writeFileSync(scratch, file.text);
  const blob = git("-C", folder, "hash-object", "-w", scratch);
  rmSync(scratch);
  git("-C", folder, "update-index", "--add", "--cacheinfo", `100644,${blob},${file.path}`);
  return git("-C", folder, "write-tree");
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
