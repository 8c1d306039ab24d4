/** One look at a process, or at a group of them. */
export interface Sample {
  /** Minutes since the soak began. */
  minute: number;
  /** What the process itself has allocated, in MB: neither files nor what processes share. */
  megabytes: number;
  handles: number;
}

export interface Trend {
  megabytes: number;
  megabytesPerMinute: number;
  handles: number;
  /** Between the first fifth and the last, in the middle of each. */
  handlesMore: number;
}

/** The trend of samples that are in order: memory by least squares. */
export function trendOf(samples: readonly Sample[]): Trend {
  const fifth = Math.ceil(samples.length / 5);
  const handles = samples.map((sample) => sample.handles);
  return {
    megabytes: samples.at(-1)!.megabytes,
    megabytesPerMinute: slope(samples.map(({ minute, megabytes }) => [minute, megabytes])),
    handles: handles.at(-1)!,
    handlesMore: median(handles.slice(-fifth)) - median(handles.slice(0, fifth)),
  };
}

function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const covariance = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  const variance = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return variance === 0 ? 0 : covariance / variance;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)]!;
}
