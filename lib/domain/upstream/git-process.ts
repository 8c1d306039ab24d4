import { spawn } from "node:child_process";

export interface GitRun {
  code: number | null;
  /** At most `MAX_OUTPUT` bytes. For this process's eyes: git's words are never shown, stored or logged. */
  stdout: string;
  /** The first `MAX_WORDS` bytes. */
  stderr: string;
}

const MAX_OUTPUT = 64 * 1024 * 1024;
/** Of what git says on its error channel, where an upstream can have it say anything for hours. */
const MAX_WORDS = 64 * 1024;
/** Address space of each process, in KB: what indexing a pack of the largest size takes, and no more. */
export const MAX_MEMORY_KB = 4 * 1024 * 1024;
/** The largest file, in blocks of 512 bytes: 20 GB. */
const MAX_FILE_BLOCKS = 40 * 1024 * 1024;

/** Settings that no machine's and no repository's configuration may change. */
const FIXED = [
  "protocol.allow=never",
  "protocol.http.allow=always",
  "core.hooksPath=/dev/null",
  "credential.helper=",
  "http.followRedirects=false",
  "http.maxRequests=1",
  "gc.auto=0",
  "maintenance.auto=false",
  "fetch.fsckObjects=true",
  "transfer.fsckObjects=true",
  "fetch.unpackLimit=1",
  "core.fsync=committed",
];

/**
 * Runs git in an environment of its own: no configuration of the system or of a user, no prompt, no hooks, HTTP alone,
 * limits on memory and files. Throws an Error where it says more than `MAX_OUTPUT`. `settings` reach the child by its
 * environment, which only its own user can read. When the signal aborts or git ends, the whole process group is killed (git
 * alone would leave its helpers running, and this waiting for them).
 */
export function runGit(
  args: readonly string[],
  {
    settings = [],
    signal,
    onWords,
    maxMemoryKb = MAX_MEMORY_KB,
  }: {
    settings?: readonly (readonly [string, string])[];
    signal?: AbortSignal;
    /** Gets what git says beside its output, as it comes. */
    onWords?: (words: string) => void;
    maxMemoryKb?: number;
  } = {},
): Promise<GitRun> {
  const limits = `ulimit -v ${maxMemoryKb} 2>/dev/null; ulimit -f ${MAX_FILE_BLOCKS} 2>/dev/null; ulimit -c 0 2>/dev/null`;
  const fixed = FIXED.flatMap((setting) => ["-c", setting]);
  const child = spawn("/bin/sh", ["-c", `${limits}; exec git "$@"`, "git", ...fixed, ...args], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin",
      HOME: "/nonexistent",
      LC_ALL: "C",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_TERMINAL_PROMPT: "0",
      GIT_CONFIG_COUNT: String(settings.length),
      ...Object.fromEntries(
        settings.flatMap(([key, value], index) => [
          [`GIT_CONFIG_KEY_${index}`, key],
          [`GIT_CONFIG_VALUE_${index}`, value],
        ]),
      ),
    } as unknown as NodeJS.ProcessEnv,
  });
  const kill = () => {
    try {
      if (child.pid) process.kill(-child.pid, "SIGKILL");
    } catch {
      // It ended by itself meanwhile.
    }
  };
  if (signal?.aborted) kill();
  signal?.addEventListener("abort", kill, { once: true });
  const stdout = collect(child.stdout, MAX_OUTPUT);
  const stderr = collect(child.stderr, MAX_WORDS);
  child.once("exit", kill);
  if (onWords) child.stderr.on("data", (words: Buffer) => onWords(words.toString("latin1")));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      signal?.removeEventListener("abort", kill);
      if (stdout.length > MAX_OUTPUT) reject(new Error("git said more than can be kept."));
      else resolve({ code, stdout: stdout.text(), stderr: stderr.text() });
    });
  });
}

function collect(stream: NodeJS.ReadableStream, most: number): { text: () => string; readonly length: number } {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    if (size < most) chunks.push(chunk.subarray(0, most - size));
    size += chunk.length;
  });
  return {
    text: () => Buffer.concat(chunks).toString("utf8"),
    get length() {
      return size;
    },
  };
}
