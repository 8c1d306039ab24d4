import { expect, it } from "vitest";
import { trendOf, type Sample } from "./verdict";

const samples = (amount: number, sample: (minute: number) => Partial<Sample>): Sample[] =>
  Array.from({ length: amount }, (_, index) => ({
    minute: index,
    megabytes: 100,
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
