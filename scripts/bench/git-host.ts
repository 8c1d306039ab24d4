import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import path from "node:path";
import { startGitHost } from "../git-host/start-git-host";

// The Git host of the benchmark, in a process of its own: what it spends is not counted as Latchkey's.

const LARGE_MB = 50;
const FILES_A_COMMIT = 20;
const FILE_BYTES = 50_000;

/** A history of files that do not compress, as one stream for `git fast-import`. */
function largeHistory(): Buffer {
  const parts: Buffer[] = [];
  const commits = (LARGE_MB * 1_000_000) / (FILES_A_COMMIT * FILE_BYTES);
  for (let commit = 0; commit < commits; commit += 1) {
    parts.push(
      Buffer.from(
        `commit refs/heads/main\ncommitter Bench <bench@example.com> ${1_700_000_000 + commit} +0000\ndata 1\nx\n`,
      ),
    );
    for (let file = 0; file < FILES_A_COMMIT; file += 1) {
      parts.push(Buffer.from(`M 644 inline ${commit}/${file}\ndata ${FILE_BYTES}\n`), randomBytes(FILE_BYTES));
      parts.push(Buffer.from("\n"));
    }
  }
  return Buffer.concat(parts);
}

const host = await startGitHost("GitLab");
host.addRepository("bench/small");
host.addRepository("bench/large");
const [token, nextToken] = [randomBytes(15), randomBytes(15)].map((bytes) => `glpat-${bytes.toString("hex")}`);
host.tokens.set(token!, "write").set(nextToken!, "write");
const folder = path.join(path.dirname(host.caFile), "repositories", "bench", "large.git");
spawnSync("git", ["-C", folder, "fast-import", "--quiet", "--force"], { input: largeHistory() });
spawnSync("git", ["-C", folder, "repack", "-adq"]);
process.send?.({ host: host.host, caFile: host.caFile, token, nextToken });
process.once("disconnect", () => void host.stop().then(() => process.exit(0)));
