import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { SyncOutcome, SyncReason } from "@/lib/contract/sync-runs";
import { withDeadline } from "./deadline";
import type { Gateway, GatewayTarget } from "./gateway";
import { runGit, type GitRun } from "./git-process";

/** For what git does on this machine's disk alone. */
const LOCAL_MS = 60_000;

/** Where a repository's mirror is. Its name says nothing, and many of them share no one folder. */
export function mirrorFolder(mirrors: string, repositoryId: string): string {
  const name = createHash("sha256").update(repositoryId).digest("hex").slice(0, 40);
  return path.join(mirrors, name.slice(0, 2), `${name}.git`);
}

/** The branches and tags of a mirror: object ids by full name. */
export type Heads = ReadonlyMap<string, string>;

export interface FetchResult {
  outcome: SyncOutcome;
  reason: SyncReason | null;
  bytes: number;
  /** The repository's path on the host, as its redirects have it. */
  path: string;
  before: Heads;
  after: Heads;
}

/** How far a fetch is. */
export interface FetchProgress {
  objectsReceived: number;
  /** 0 until the host has said. */
  objectsTotal: number;
  bytes: number;
}

/**
 * Fetches every branch and tag, or the one that is named, into the bare mirror, which is made where it is missing. What
 * the upstream no longer has is dropped, and objects are checked before they are kept. Never throws for what an upstream
 * does.
 */
export async function fetchMirror(
  gateway: Gateway,
  {
    folder,
    target,
    ref,
    onProgress,
  }: { folder: string; target: GatewayTarget; ref: string | null; onProgress?: (progress: FetchProgress) => void },
  { localMs = LOCAL_MS }: { localMs?: number } = {},
): Promise<FetchResult> {
  const local = (args: readonly string[]) => withDeadline(localMs, undefined, (signal) => runGit(args, { signal }));
  const before = (await makeMirror(folder, local)) ? new Map<string, string>() : await readHeads(folder, local);
  const job = gateway.open(target);
  try {
    const fetched = await runGit(
      [
        `--git-dir=${folder}`,
        "fetch",
        "--progress",
        "--force",
        "--no-tags",
        "--no-write-fetch-head",
        "--no-auto-maintenance",
        "--no-recurse-submodules",
        ...(ref === null ? ["--prune"] : []),
        "--end-of-options",
        job.url,
        ...(ref === null ? ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"] : [refspec(ref)]),
      ],
      {
        settings: [["http.extraHeader", job.childHeader]],
        signal: target.signal,
        onWords: (words) => {
          const objects = objectsIn(words);
          if (objects) onProgress?.({ ...objects, bytes: job.bytes() });
        },
      },
    );
    // A pack of any size may be half there, and the next fetch, which would sweep it up, may want for its room.
    if (target.signal.aborted) await removeLeftovers(folder);
    if (job.error() !== undefined) throw job.error();
    const after = await readHeads(folder, local);
    const seen = { bytes: job.bytes(), path: job.path(), before, after };
    if (fetched.code === 0) return { outcome: "succeeded", reason: null, ...seen };
    const failure = job.failure() ?? failureOf(target.signal, ref, fetched.stderr);
    return { ...failure, ...seen };
  } finally {
    job.close();
  }
}

/** Git's own count, the newest; what the host itself says stands behind "remote:" and is not taken for it. */
function objectsIn(words: string): Omit<FetchProgress, "bytes"> | undefined {
  const newest = [...words.matchAll(/(?:^|[\r\n])Receiving objects: +\d+% \((\d{1,9})\/(\d{1,9})\)/g)].at(-1);
  return newest && { objectsReceived: Number(newest[1]), objectsTotal: Number(newest[2]) };
}

/** A plain name is a branch; a tag is named in full. */
function refspec(ref: string): string {
  const full = ref.startsWith("refs/") ? ref : `refs/heads/${ref}`;
  return `+${full}:${full}`;
}

function failureOf(
  signal: AbortSignal,
  ref: string | null,
  stderr: string,
): { outcome: SyncOutcome; reason: SyncReason | null } {
  if (signal.aborted) return { outcome: "unreachable", reason: "time" };
  if (ref !== null && /couldn't find remote ref/.test(stderr)) return { outcome: "stopped", reason: "no_such_ref" };
  return { outcome: "bad_objects", reason: null };
}

/** Git under a deadline of its own: what a pull found is still read where the pull's time is over. */
type LocalGit = (args: readonly string[]) => Promise<GitRun>;

/** Whether there was none; one that is there is cleared of what a killed git left. */
async function makeMirror(folder: string, git: LocalGit): Promise<boolean> {
  if (existsSync(path.join(folder, "HEAD"))) {
    await removeLeftovers(folder);
    return false;
  }
  await mkdir(path.dirname(folder), { recursive: true, mode: 0o700 });
  const scratch = `${folder}.${randomBytes(6).toString("hex")}`;
  const made = await git(["init", "--quiet", "--bare", "--initial-branch=main", "--template=", scratch]);
  if (made.code !== 0) {
    await rm(scratch, { recursive: true, force: true });
    throw new Error("The mirror's folder could not be made.");
  }
  // Renaming makes it appear whole or not at all.
  await rename(scratch, folder);
  return true;
}

/**
 * What a killed git left: half packs, which would fill the disk, marks on packs that were to be kept for a moment, and
 * locks, which would fail every fetch to come.
 */
async function removeLeftovers(folder: string): Promise<void> {
  const packs = (await readdir(path.join(folder, "objects", "pack")).catch(() => []))
    .filter((name) => /^(tmp_|\.tmp-)|\.keep$/.test(name))
    .map((name) => path.join("objects", "pack", name));
  const refs = (await readdir(path.join(folder, "refs"), { recursive: true })).map((name) => path.join("refs", name));
  const locks = [...refs, ...(await readdir(folder))].filter((name) => name.endsWith(".lock"));
  for (const name of [...packs, ...locks]) await rm(path.join(folder, name), { force: true, recursive: true });
}

async function readHeads(folder: string, git: LocalGit): Promise<Heads> {
  const { code, stdout } = await git([
    `--git-dir=${folder}`,
    "for-each-ref",
    "--format=%(objectname) %(refname)",
    "refs/heads",
    "refs/tags",
  ]);
  if (code !== 0) throw new Error("The mirror's branches could not be read.");
  const lines = stdout.split("\n").filter(Boolean);
  return new Map(lines.map((line) => [line.slice(line.indexOf(" ") + 1), line.slice(0, line.indexOf(" "))]));
}

/** How many branches and tags came, went or moved. */
export function countChanges(before: Heads, after: Heads): number {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).length;
}

/** Removes a repository's mirror, if there is one. */
export async function removeMirror(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
