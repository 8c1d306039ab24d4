import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runGit } from "@/lib/domain/upstream/git-process";

let folder: string;
let bare: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-git-"));
  bare = path.join(folder, "bare.git");
  execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", bare]);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** What a shell says that git starts. */
const inShell = async (command: string) => (await runGit(["-c", `alias.say=!${command}`, "say"])).stdout;

function git(...args: string[]): string {
  const who = ["-c", "user.name=x", "-c", "user.email=x@example.com"];
  return execFileSync("git", ["-C", bare, ...who, ...args], { encoding: "utf8" }).trim();
}

describe("git of ours", () => {
  it("starts from an empty environment, whatever is in ours", async () => {
    const [trace, settings] = [path.join(folder, "trace"), path.join(folder, "settings")];
    writeFileSync(settings, "[latchkey]\n\tfile = leaked\n");
    vi.stubEnv("GIT_TRACE", trace);
    vi.stubEnv("GIT_TRACE_CURL", trace);
    vi.stubEnv("GIT_CONFIG_PARAMETERS", "'latchkey.parameter=leaked'");
    vi.stubEnv("GIT_CONFIG_COUNT", "1");
    vi.stubEnv("GIT_CONFIG_KEY_0", "latchkey.counted");
    vi.stubEnv("GIT_CONFIG_VALUE_0", "leaked");
    vi.stubEnv("GIT_CONFIG_SYSTEM", settings);
    vi.stubEnv("GIT_CONFIG_GLOBAL", settings);
    vi.stubEnv("GIT_SSL_NO_VERIFY", "1");
    vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:9");
    vi.stubEnv("LATCHKEY_MASTER_KEYS", "leaked");
    const { stdout } = await runGit(["config", "--list"], { settings: [["latchkey.given", "given"]] });
    expect(stdout).toContain("latchkey.given=given");
    expect(stdout + (await inShell("env"))).not.toContain("leaked");
    expect(await inShell("env")).not.toMatch(/^(GIT_TRACE|GIT_SSL|HTTPS_PROXY|LATCHKEY|NODE)/m);
    expect(existsSync(trace)).toBe(false);
  });

  it("is limited in memory and in the size of files, and leaves no core", async () => {
    expect(await inShell("ulimit -v; ulimit -f; ulimit -c")).toBe("4194304\n41943040\n0\n");
  });

  it("ends where a pack unfolds to more than its memory", async () => {
    const zeros = path.join(folder, "zeros");
    execFileSync("truncate", ["--size=48M", zeros]);
    const blob = git("-c", "core.compression=1", "hash-object", "-w", zeros);
    const name = execFileSync("git", ["-C", bare, "pack-objects", "--quiet", path.join(folder, "bomb")], {
      encoding: "utf8",
      input: `${blob}\n`,
    }).trim();
    const pack = path.join(folder, `bomb-${name}.pack`);
    const index = (maxMemoryKb?: number) =>
      runGit(["index-pack", "-o", path.join(folder, "bomb.idx"), pack], { maxMemoryKb });
    const ended = await index(40 * 1024);
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain("Out of memory");
    expect((await index()).code).toBe(0);
  });

  it("speaks HTTP alone", async () => {
    const commit = git("commit-tree", git("hash-object", "-w", "-t", "tree", "/dev/null"), "-m", "x");
    git("update-ref", "refs/heads/main", commit);
    const asked = await runGit(["ls-remote", "--end-of-options", `file://${bare}`]);
    expect(asked).toMatchObject({ stdout: "" });
    expect(asked.stderr).toContain("transport 'file' not allowed");
  });

  it("runs no hook, of the mirror's folder or of another that its settings name", async () => {
    const ran = path.join(folder, "ran");
    const hooks = path.join(folder, "hooks");
    mkdirSync(hooks);
    git("config", "core.hooksPath", hooks);
    for (const place of [hooks, path.join(bare, "hooks")]) {
      const hook = path.join(place, "reference-transaction");
      mkdirSync(place, { recursive: true });
      writeFileSync(hook, `#!/bin/sh\ntouch ${ran}\n`);
      chmodSync(hook, 0o755);
    }
    const commit = git("commit-tree", git("hash-object", "-w", "-t", "tree", "/dev/null"), "-m", "x");
    const { code } = await runGit([`--git-dir=${bare}`, "update-ref", "refs/heads/main", commit]);
    expect(code).toBe(0);
    expect(readdirSync(folder)).not.toContain("ran");
    git("update-ref", "refs/heads/other", commit);
    expect(readdirSync(folder)).toContain("ran");
  });
});
