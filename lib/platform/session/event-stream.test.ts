import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventStream } from "./event-stream";

const MINUTE = 60_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

async function* untilAborted(signal: AbortSignal): AsyncGenerator<string> {
  yield "begun";
  if (!signal.aborted) await once(signal, "abort");
}

/** A stream of this user's whose first value has come. */
async function open(userId: string) {
  const browser = new AbortController();
  const request = new Request("http://localhost/", { signal: browser.signal });
  const answer = await eventStream(request, userId, (signal) => Promise.resolve(untilAborted(signal)));
  const reader = answer.body!.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: "begun"\n\n');
  let over = false;
  const ended = reader.read().then(({ done }) => (over = done));
  return { ended, isOver: () => over, close: () => browser.abort() };
}

describe("a stream of events", () => {
  it("ends after five minutes", async () => {
    const stream = await open("usr_1");
    await vi.advanceTimersByTimeAsync(5 * MINUTE - 1);
    expect(stream.isOver()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await stream.ended).toBe(true);
  });

  it("is one of five of a user and of a hundred of all, and makes room when it ends", async () => {
    const busy = { code: "busy" };
    const mine = [];
    for (let tab = 0; tab < 5; tab += 1) mine.push(await open("usr_1"));
    await expect(open("usr_1")).rejects.toMatchObject(busy);
    const others = [];
    for (let user = 2; others.length < 95; user += 1) {
      for (let tab = 0; tab < 5; tab += 1) others.push(await open(`usr_${user}`));
    }
    await expect(open("usr_99")).rejects.toMatchObject(busy);
    mine[0]!.close();
    expect(await mine[0]!.ended).toBe(true);
    await expect(open("usr_2")).rejects.toMatchObject(busy);
    mine[0] = await open("usr_1");
    for (const stream of [...mine, ...others]) stream.close();
    await Promise.all([...mine, ...others].map(({ ended }) => ended));
  });
});
