import pLimit from "p-limit";
import { operations } from "@/lib/contract/operations";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { makeSigningKey } from "@/prisma/factories";
import type { Latchkey } from "../start-latchkey";
import type { BenchHost } from "./bench-host";
import { measure } from "./measure";
import { forgetPeakMemory, peakMemory } from "./processes";
import { startLoad } from "./start-load";
import type { Made } from "./upstreams";

export interface Sweep {
  credentials: number;
  testsPerSecond: number;
  /** Of the web process, in MB. */
  memory: number;
  /** Of rotations over the API meanwhile, in milliseconds. */
  p50: number;
  p99: number;
  unexpected: number;
}

const IN_FLIGHT = 50;
const MEANWHILE = 4;
const MOST_P99_MS = 400;

/** Tests many credentials over the API at once, while others are rotated over it. */
export async function sweep(
  latchkey: Latchkey,
  host: BenchHost,
  { organization, ctx, repository }: Made,
  { web, count }: { web: number; count: number },
): Promise<Sweep> {
  const key = await makeSigningKey(latchkey.db, organization, "sweep");
  const headers = { authorization: `Bearer ${await key.token()}`, "content-type": "application/json" };
  const few = pLimit(16);
  const made = await Promise.all(
    Array.from({ length: count + MEANWHILE }, (_, index) =>
      few(async () => {
        const { id: repositoryId, name } = await repository(`sweep-${index}`);
        const { id } = await createCredential(ctx, { repository: repositoryId, password: host.token });
        return { name, id };
      }),
    ),
  );
  const rotated = made.splice(0, MEANWHILE);
  const test = ({ name, id }: { name: string; id: string }) =>
    operations.testRepositoryCredential.path.replace("{repo_name}", name).replace("{id}", id);
  forgetPeakMemory(web);
  const rotations = startLoad({
    url: latchkey.url + operations.rotateCredential.path,
    method: operations.rotateCredential.method,
    connections: MEANWHILE,
    headers,
    setupClient: (client) => client.setBody(JSON.stringify({ id: rotated.pop()!.id, password: host.token })),
  });
  const tests = await measure(
    {
      name: "test",
      method: operations.testRepositoryCredential.method,
      url: latchkey.url,
      path: (number) => test(made[number % made.length]!),
      headers,
      status: 200,
    },
    IN_FLIGHT,
    count,
    web,
  );
  const { latency, non2xx } = await rotations.end();
  const swept: Sweep = {
    credentials: count,
    testsPerSecond: tests.perSecond,
    memory: peakMemory(web),
    p50: latency.p50,
    p99: latency.p99,
    unexpected: tests.unexpected + non2xx,
  };
  console.log(
    `  sweep of ${count} credentials, ${IN_FLIGHT} in flight: ${swept.testsPerSecond} tests a second, ${swept.memory} MB at most; ` +
      `rotations meanwhile p50 ${swept.p50} ms, p99 ${swept.p99} ms; under ${MOST_P99_MS} ms: ${swept.p99 < MOST_P99_MS ? "met" : "NOT MET"}; unexpected answers: ${swept.unexpected}`,
  );
  return swept;
}
