import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { exchangeCounts } from "@/lib/platform/database/exchange-counts";
import { createRateLimits, type RateLimits } from "@/lib/platform/rate-limits";
import { useDatabase } from "./support/database";

const database = useDatabase();
const MOST = { subject: 10, address: 20, failures: 3 };
/** The tenth second of a minute: counts of one test are of one minute. */
const START = new Date("2030-01-01T00:00:10Z");

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: START }));
afterEach(() => void vi.useRealTimers());

async function countTimes(limits: RateLimits, times: number, key = "acme"): Promise<(number | undefined)[]> {
  const waits = [];
  for (let time = 0; time < times; time += 1) waits.push(await limits.count("subject", key));
  return waits;
}

describe("a limit", () => {
  it("lets so many a minute through, says how long to wait, and begins anew with the next minute", async () => {
    const limits = createRateLimits(MOST);
    expect(await countTimes(limits, 10)).toEqual(Array.from({ length: 10 }, () => undefined));
    expect(await limits.count("subject", "acme")).toBe(50);
    vi.setSystemTime(new Date("2030-01-01T00:00:59.900Z"));
    expect(await limits.count("subject", "acme")).toBe(1);
    vi.setSystemTime(new Date("2030-01-01T00:01:00.000Z"));
    expect(await limits.count("subject", "acme")).toBeUndefined();
  });

  it("is one for each key and each kind", async () => {
    const limits = createRateLimits(MOST);
    await countTimes(limits, 11);
    expect(await limits.count("subject", "acme")).toBe(50);
    expect(await limits.count("subject", "other")).toBeUndefined();
    expect(await limits.count("address", "acme")).toBeUndefined();
  });

  it("is looked at without being counted", async () => {
    const limits = createRateLimits(MOST);
    for (let time = 0; time < 5; time += 1) expect(await limits.reached("failures", "192.0.2.1")).toBeUndefined();
    for (let time = 0; time < 3; time += 1) await limits.count("failures", "192.0.2.1");
    expect(await limits.reached("failures", "192.0.2.1")).toBe(50);
    expect(await limits.reached("failures", "192.0.2.2")).toBeUndefined();
  });
});

describe("instances on one database", () => {
  const instance = (most = MOST) => createRateLimits(most, exchangeCounts(database.url));

  it("count together", async () => {
    const [one, two] = [instance(), instance()];
    await countTimes(one, 6);
    await countTimes(two, 4);
    await one.share();
    await two.share();
    // Two knows of six and four; one will know of the four when it shares again.
    expect(await two.count("subject", "acme")).toBe(50);
    expect(await one.count("subject", "acme")).toBeUndefined();
    await one.share();
    expect(await one.count("subject", "acme")).toBe(50);
  });

  it("tell each count once, however often they share, and count what comes meanwhile", async () => {
    const [one, two] = [instance(), instance()];
    await countTimes(one, 3, "twice");
    await one.share();
    await one.share();
    await countTimes(one, 1, "twice");
    await Promise.all([one.share(), countTimes(one, 1, "twice")]);
    await one.share();
    await countTimes(two, 1, "twice");
    await two.share();
    const [row] = await database.db.rateLimiterFlexible.findMany({ where: { key: { endsWith: ":twice" } } });
    expect(row?.points).toBe(6);
    expect(await countTimes(two, 4, "twice")).toEqual([undefined, undefined, undefined, undefined]);
    expect(await two.count("subject", "twice")).toBe(50);
  });

  it("forget what was counted in an earlier minute, here and in the table", async () => {
    const one = instance();
    await countTimes(one, 10, "early");
    await one.share();
    // The table is swept by the database's own clock.
    await database.db.rateLimiterFlexible.updateMany({
      where: { key: { endsWith: ":early" } },
      data: { expire: new Date("2001-01-01") },
    });
    vi.setSystemTime(new Date("2030-01-01T00:01:10Z"));
    expect(await countTimes(one, 1, "late")).toEqual([undefined]);
    await one.share();
    expect(await one.count("subject", "early")).toBeUndefined();
    expect(await database.db.rateLimiterFlexible.count({ where: { key: { endsWith: ":early" } } })).toBe(0);
  });

  it("write nothing of who asks little", async () => {
    const one = instance({ ...MOST, subject: 1000 });
    await countTimes(one, 49, "quiet");
    await one.share();
    expect(await database.db.rateLimiterFlexible.count({ where: { key: { endsWith: ":quiet" } } })).toBe(0);
    await countTimes(one, 1, "quiet");
    await one.share();
    const [row] = await database.db.rateLimiterFlexible.findMany({ where: { key: { endsWith: ":quiet" } } });
    expect(row?.points).toBe(50);
  });

  it("hold each for itself while the database is away, and tell it afterwards", async () => {
    let away = true;
    const real = exchangeCounts(database.url);
    const one = createRateLimits(MOST, (...told) => (away ? Promise.reject(new Error("away")) : real(...told)));
    await countTimes(one, 10, "away");
    await expect(one.share()).rejects.toThrow("away");
    expect(await one.count("subject", "away")).toBe(50);
    away = false;
    await one.share();
    const two = instance();
    await countTimes(two, 1, "away");
    await two.share();
    expect(await two.count("subject", "away")).toBe(50);
  });
});
