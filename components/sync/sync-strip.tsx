import type { SyncRunRow } from "@/lib/contract/sync-runs";

const BAR = 7;
const GAP = 3;
const HEIGHT = 28;

/** The last pulls as bars, oldest first: whole for a success, half for a failure, hollow while it runs. */
export function SyncStrip({ runs }: { runs: readonly SyncRunRow[] }) {
  const shown = [...runs].reverse();
  const succeeded = runs.filter(({ outcome }) => outcome === "succeeded").length;
  const failed = runs.filter(({ outcome }) => outcome !== null && outcome !== "succeeded").length;
  return (
    <svg
      role="img"
      aria-label={`The last ${runs.length} pulls: ${succeeded} succeeded, ${failed} failed.`}
      width={shown.length * (BAR + GAP)}
      height={HEIGHT}
      className="max-w-full"
    >
      {shown.map((run, index) => (
        <Bar key={run.id} run={run} x={index * (BAR + GAP)} />
      ))}
    </svg>
  );
}

function Bar({ run: { outcome }, x }: { run: SyncRunRow; x: number }) {
  if (outcome === null) {
    return <rect x={x + 1} y={1} width={BAR - 2} height={HEIGHT - 2} rx={2} className="fill-none stroke-accent" />;
  }
  const whole = outcome === "succeeded";
  const height = whole ? HEIGHT : HEIGHT / 2;
  return (
    <rect
      x={x}
      y={HEIGHT - height}
      width={BAR}
      height={height}
      rx={2}
      className={whole ? "fill-ok" : outcome === "unreachable" || outcome === "stopped" ? "fill-warn" : "fill-danger"}
    />
  );
}
