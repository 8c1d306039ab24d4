import { expect, it } from "vitest";
import { trendOf, type Sample } from "./verdict";

const samples = (amount: number, sample: (minute: number) => Partial<Sample>): Sample[] =>
  Array.from({ length: amount }, (_, index) => ({
    minute: index,
    megabytes: 100,
    uncollected: 100,
    handles: 40,
    processes: 1,
    ...sample(index),
  }));

it("sees a leak through what comes and goes", () => {
  const leaking = trendOf(samples(60, (minute) => ({ megabytes: 100 + minute * 1.5 + (minute % 7) * 4 })));
  expect(leaking.megabytesPerMinute).toBeCloseTo(1.5, 1);
  const steady = trendOf(samples(60, (minute) => ({ megabytes: 100 + (minute % 7) * 4 })));
  expect(Math.abs(steady.megabytesPerMinute)).toBeLessThan(0.1);
});

it("sees a handle that is lost every minute within a few minutes, through those that come and go", () => {
  const comeAndGo = (minute: number) => 40 + (minute % 3);
  const lost = trendOf(samples(6, (minute) => ({ handles: comeAndGo(minute) + minute })));
  expect(lost.handlesMore).toBeLessThanOrEqual(7);
  expect(lost.handlesPerMinute).toBeGreaterThan(1);
  expect(trendOf(samples(60, (minute) => ({ handles: comeAndGo(minute) }))).handlesPerMinute).toBeLessThan(0.1);
});

it("says beside what is held on to what has yet to be collected", () => {
  const garbage = trendOf(samples(60, (minute) => ({ uncollected: 100 + minute * 3 })));
  expect(garbage).toMatchObject({ megabytesPerMinute: 0 });
  expect(garbage.uncollectedPerMinute).toBeCloseTo(3);
});

it("sees handles that stay open, and not a burst that closes again", () => {
  expect(trendOf(samples(50, (minute) => ({ handles: 40 + minute }))).handlesMore).toBe(40);
  expect(trendOf(samples(50, (minute) => ({ handles: minute === 48 ? 400 : 40 }))).handlesMore).toBe(0);
});

it("does not take more processes for processes that grow, and says that they are more", () => {
  const processes = (minute: number) => (minute < 30 ? 10 : 14);
  const more = trendOf(samples(60, (minute) => ({ processes: processes(minute) })));
  expect(more).toMatchObject({ megabytesPerMinute: 0, handlesMore: 0, processesMore: 4 });
  const growing = trendOf(samples(60, (minute) => ({ processes: processes(minute), megabytes: 3 + minute * 0.1 })));
  expect(growing.megabytesPerMinute).toBeCloseTo(1.4);
});
