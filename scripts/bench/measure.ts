import autocannon from "autocannon";
import { cpuSeconds } from "./processes";

export interface Measured {
  name: string;
  connections: number;
  requests: number;
  perSecond: number;
  p50: number;
  p99: number;
  /** Milliseconds of the web process's CPU; null where there is no web process in between. */
  cpuMs: number | null;
  /** Answers other than the expected one, lost ones among them. */
  unexpected: number;
}

export interface Load {
  name: string;
  method: "GET" | "POST" | "PUT" | "DELETE";
  url: string;
  headers: Record<string, string>;
  /** The body of the request with this number. */
  body?: (number: number) => string;
  /** Where each request goes to an address of its own: the path of the request with this number. */
  path?: (number: number) => string;
  status: number;
  onAnswer?: (body: string) => void;
}

/** Sends the requests over so many connections and says what was seen. */
export async function measure(load: Load, connections: number, amount: number, pid: number): Promise<Measured> {
  let next = 0;
  let expected = 0;
  // autocannon's own duration is rounded up to its next look at the clock, a second later at most.
  let started = 0;
  let ended = 0;
  const before = cpuSeconds(pid);
  const result = await autocannon({
    url: load.url,
    connections,
    amount,
    requests: [
      {
        method: load.method,
        headers: load.headers,
        setupRequest: (request) => {
          started ||= performance.now();
          const number = next++;
          return {
            ...request,
            ...(load.body && { body: load.body(number) }),
            ...(load.path && { path: load.path(number) }),
          };
        },
        onResponse: (status, body) => {
          ended = performance.now();
          if (status === load.status) expected += 1;
          load.onAnswer?.(body);
        },
      },
    ],
  });
  return {
    name: load.name,
    connections,
    requests: amount,
    perSecond: Math.round((amount / (ended - started)) * 1000),
    p50: result.latency.p50,
    p99: result.latency.p99,
    cpuMs: Math.round(((cpuSeconds(pid) - before) / amount) * 100_000) / 100,
    unexpected: amount - expected,
  };
}

/** The same for a function instead of a request: the driver's floor. */
export async function measureCalls(
  name: string,
  call: () => Promise<unknown>,
  connections: number,
  amount: number,
): Promise<Measured> {
  const latencies: number[] = [];
  let left = amount;
  const started = performance.now();
  const caller = async () => {
    while (left-- > 0) {
      const begun = performance.now();
      await call();
      latencies.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: connections }, caller));
  const seconds = (performance.now() - started) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share: number) => Math.round(latencies[Math.floor(latencies.length * share)]! * 10) / 10;
  return {
    name,
    connections,
    requests: amount,
    perSecond: Math.round(amount / seconds),
    p50: at(0.5),
    p99: at(0.99),
    cpuMs: null,
    unexpected: 0,
  };
}
