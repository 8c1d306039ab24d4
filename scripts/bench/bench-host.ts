import { fork } from "node:child_process";
import { once } from "node:events";

/** The benchmark's Git host, in a process of its own; it has `bench/small`, and `bench/large` of 50 MB. */
export interface BenchHost {
  host: string;
  caFile: string;
  /** Reads and writes both. */
  token: string;
  /** Does the same, and is used by nothing yet. */
  nextToken: string;
  stop(): Promise<void>;
}

export async function startBenchHost(): Promise<BenchHost> {
  const child = fork("scripts/bench/git-host.ts", { execArgv: ["--import", "tsx"] });
  const [made] = (await once(child, "message")) as [Omit<BenchHost, "stop">];
  return {
    ...made,
    stop: async () => {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}
