// Loaded into each process of a soaked Latchkey before its own code: a signal has it collect its garbage, give back what
// is free then, and write down how much memory is left.
import { readFileSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import path from "node:path";

const session = new Session();
session.connect();

process.on("SIGUSR2", async () => {
  // What the first finds, the second gives back.
  await session.post("HeapProfiler.collectGarbage");
  await session.post("HeapProfiler.collectGarbage");
  const seen = path.join(process.env.LATCHKEY_DATA_DIR, `status-${process.pid}`);
  writeFileSync(seen, readFileSync("/proc/self/status"));
});
