/** One look at a process, or at a group of them. */
export interface Sample {
  /** Minutes since the soak began. */
  minute: number;
  /** What each has allocated itself, on average and in MB: neither files nor what processes share. */
  megabytes: number;
  /** The same with what V8 had yet to collect. */
  uncollected: number;
  /** Of each, on average. */
  handles: number;
  processes: number;
}

/** Beside the last look, what all of the group's processes grow by together. */
export interface Trend extends Sample {
  megabytesPerMinute: number;
  uncollectedPerMinute: number;
  handlesPerMinute: number;
  /** Between the first fifth and the last, in the middle of each. */
  handlesMore: number;
  processesMore: number;
}

/** The trend of samples that are in order: what grows in a minute by least squares. */
export function trendOf(samples: readonly Sample[]): Trend {
  const last = samples.at(-1)!;
  const perMinute = (of: (sample: Sample) => number) =>
    slope(samples.map((sample) => [sample.minute, of(sample)])) * last.processes;
  return {
    ...last,
    megabytesPerMinute: perMinute(({ megabytes }) => megabytes),
    uncollectedPerMinute: perMinute(({ uncollected }) => uncollected),
    handlesPerMinute: perMinute(({ handles }) => handles),
    handlesMore: Math.round(rise(samples.map(({ handles }) => handles)) * last.processes),
    processesMore: rise(samples.map(({ processes }) => processes)),
  };
}

function rise(numbers: readonly number[]): number {
  const fifth = Math.ceil(numbers.length / 5);
  return median(numbers.slice(-fifth)) - median(numbers.slice(0, fifth));
}

function slope(points: readonly (readonly [number, number])[]): number {
  const [x, y] = [mean(points.map((point) => point[0])), mean(points.map((point) => point[1]))];
  const covariance = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  const variance = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return variance === 0 ? 0 : covariance / variance;
}

export function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/** The one in the middle; the upper one of two. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)]!;
}
