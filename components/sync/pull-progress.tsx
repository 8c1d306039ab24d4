"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { pullProgress, type PullProgress as Progress } from "@/lib/contract/pull-progress";
import { bytesWords } from "@/lib/contract/sync-runs";

const NUMBER = new Intl.NumberFormat("en");

/** What a pull has brought so far, live; the page is asked for anew at its beginning and its end. */
export function PullProgress({ address, waiting }: { address: string; waiting: boolean }) {
  const router = useRouter();
  const [progress, setProgress] = useState<Progress>({ state: "waiting" });
  useEffect(() => {
    const events = new EventSource(address);
    let seen = waiting ? "waiting" : "running";
    events.onmessage = ({ data }: MessageEvent<string>) => {
      const next = pullProgress.parse(JSON.parse(data));
      setProgress(next);
      if (next.state === "ended") events.close();
      if (next.state !== seen) router.refresh();
      seen = next.state;
    };
    return () => events.close();
  }, [address, waiting, router]);
  if (progress.state !== "running") return null;
  const { objectsReceived, objectsTotal, bytes } = progress;
  return (
    <div className="mt-3 max-w-md">
      <progress
        aria-label="Objects received"
        max={objectsTotal || undefined}
        value={objectsTotal ? objectsReceived : undefined}
        className="h-1.5 w-full"
      />
      <p className="mt-1 text-sm text-muted tabular-nums">
        {objectsTotal > 0 && `${NUMBER.format(objectsReceived)} of ${NUMBER.format(objectsTotal)} objects, `}
        {bytesWords(bytes)}
      </p>
    </div>
  );
}
