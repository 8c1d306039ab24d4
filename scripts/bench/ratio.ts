/** What something of ours took, beside a floor in the same run. */
export interface Ratio {
  what: string;
  floor: string;
  rounds: number;
  /** Medians, in milliseconds. */
  oursMs: number;
  floorMs: number;
  ratio: number;
  /** What the ratio may be; null where it is for the reader only. */
  most: number | null;
}

interface Compared {
  what: string;
  floor: string;
  most: number | null;
  rounds: number;
  ours: (round: number) => Promise<unknown>;
  besides: (round: number) => Promise<unknown>;
}

/** Runs the two in turns, so that what else the machine does meets both, and compares their medians. */
export async function compare({ what, floor, most, rounds, ours, besides }: Compared): Promise<Ratio> {
  const times: { ours: number[]; floor: number[] } = { ours: [], floor: [] };
  // The first round warms both up.
  for (let round = 0; round <= rounds; round += 1) {
    const floorMs = await timed(() => besides(round));
    const oursMs = await timed(() => ours(round));
    if (round === 0) continue;
    times.floor.push(floorMs);
    times.ours.push(oursMs);
  }
  const [oursMs, floorMs] = [median(times.ours), median(times.floor)];
  const compared = { what, floor, rounds, oursMs, floorMs, ratio: Math.round((oursMs / floorMs) * 100) / 100, most };
  const bound = most === null ? "" : `; at most ${most} ×: ${compared.ratio <= most ? "met" : "NOT MET"}`;
  console.log(`  ${what}: ${oursMs} ms, ${compared.ratio} × ${floor} (${floorMs} ms)${bound}`);
  return compared;
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}

function median(times: number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)]! * 10) / 10;
}
