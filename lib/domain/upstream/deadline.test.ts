import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { withDeadline } from "./deadline";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Ends with the signal's reason, and holds nothing of it but what the signal itself holds. */
function untilAborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason), { once: true }));
}

describe("a deadline", () => {
  it("comes though everything that can be collected was collected meanwhile", async () => {
    const ended = withDeadline(300, new AbortController().signal, untilAborted);
    const collecting = setInterval(collect, 20);
    expect(await ended).toMatchObject({ name: "TimeoutError" });
    clearInterval(collecting);
  });

  it("comes with the caller's end, too, with the caller's reason", async () => {
    const caller = new AbortController();
    const ended = withDeadline(600_000, caller.signal, untilAborted);
    collect();
    caller.abort("stopped");
    expect(await ended).toBe("stopped");
    expect(await withDeadline(600_000, caller.signal, (signal) => Promise.resolve(signal.aborted))).toBe(true);
  });

  it("leaves nothing behind with a caller that lives on", async () => {
    const caller = new AbortController();
    let kept: AbortSignal | undefined;
    await withDeadline(600_000, caller.signal, (signal) => Promise.resolve((kept = signal)));
    caller.abort();
    expect(kept?.aborted).toBe(false);
  });
});
