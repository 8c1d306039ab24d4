import { expect, test, type Actor, type Scene } from "./support/scene";

const WRONG = "not the password";
const TOO_MANY = "Too many attempts";
const NOT_TOGETHER = "do not belong together";

/** What trying a password of the account in somebody's browser is answered. */
async function tryIn(scene: Scene, browser: Actor, account: Actor, password: string): Promise<string> {
  const fields = { email: account.email, password, next: "" };
  const { to, text } = await scene.act(browser, "(auth)/sign-in#signIn", { path: "/sign-in", fields });
  return to === undefined ? text : "in";
}

/** Has a count stand at what is given, for ten minutes. */
async function standAt({ latchkey }: Scene, key: string, points: number): Promise<void> {
  const used = { points, expire: new Date(Date.now() + 600_000) };
  const where = { key: `sign-in-${key}` };
  await latchkey.db.rateLimiterFlexible.upsert({ where, create: { ...where, ...used }, update: used });
}

const pointsOf = async ({ latchkey }: Scene, key: string) =>
  (await latchkey.db.rateLimiterFlexible.findUnique({ where: { key: `sign-in-${key}` } }))?.points;

/** By a sign-in in each one's own browser. */
async function makeKnown(scene: Scene, ...actors: Actor[]): Promise<void> {
  for (const actor of actors) expect(await tryIn(scene, actor, actor, actor.password)).toBe("in");
}

test("failing elsewhere locks nobody out of an account where they sign in already", async ({ scene }) => {
  const { stranger, viewer, admin } = scene;
  await makeKnown(scene, viewer, admin);
  for (let count = 0; count < 10; count += 1) {
    expect(await tryIn(scene, stranger, viewer, WRONG)).toContain(NOT_TOGETHER);
  }
  for (let count = 0; count < 3; count += 1) {
    expect(await tryIn(scene, stranger, viewer, viewer.password)).toContain(TOO_MANY);
  }
  // What is refused to one address is not counted against the account, which others share.
  expect(await pointsOf(scene, `account:${viewer.email}`)).toBe(10);
  // A browser in which the password was right before has turns of its own, and not more than its own.
  expect(await tryIn(scene, viewer, viewer, viewer.password)).toBe("in");
  for (let count = 0; count < 10; count += 1) {
    expect(await tryIn(scene, viewer, viewer, WRONG)).toContain(NOT_TOGETHER);
  }
  expect(await tryIn(scene, viewer, viewer, viewer.password)).toContain(TOO_MANY);

  // Where a hundred attempts failed from everywhere, strangers wait, and whoever signs in there already does not.
  await standAt(scene, `account:${admin.email}`, 100);
  expect(await tryIn(scene, stranger, admin, admin.password)).toContain(TOO_MANY);
  expect(await tryIn(scene, admin, admin, admin.password)).toBe("in");
  // Known for one account, a browser is a stranger to another.
  expect(await tryIn(scene, viewer, admin, admin.password)).toContain(TOO_MANY);
});

test("unknown accounts are throttled in the same words as known ones", async ({ scene }) => {
  const { stranger, viewer } = scene;
  const nobody = { ...viewer, email: `nobody-${viewer.email}` };
  const answers = async (account: Actor) => {
    const said: string[] = [];
    for (let count = 0; count < 11; count += 1) {
      const text = await tryIn(scene, stranger, account, WRONG);
      said.push(/"message":"([^"]*)"/.exec(text)![1]!);
    }
    return said;
  };
  const known = await answers(viewer);
  expect(known[10]).toContain(TOO_MANY);
  expect(await answers(nobody)).toEqual(known);
});

test("an address is refused after its share, whatever account it tries, and a browser that knows one is not", async ({
  scene,
}) => {
  const { stranger, viewer, admin } = scene;
  await makeKnown(scene, viewer);
  expect(await tryIn(scene, stranger, viewer, WRONG)).toContain(NOT_TOGETHER);
  const { key } = await scene.latchkey.db.rateLimiterFlexible.findFirstOrThrow({
    where: { key: { startsWith: `sign-in-accountFromAddress:${viewer.email} ` } },
  });
  const address = `address:${key.split(" ")[1]}`;
  const before = await pointsOf(scene, address);
  try {
    await standAt(scene, address, 99);
    expect(await tryIn(scene, stranger, viewer, WRONG)).toContain(NOT_TOGETHER);
    for (const account of [viewer, admin, { ...viewer, email: `nobody-${viewer.email}` }]) {
      expect(await tryIn(scene, stranger, account, account.password)).toContain(TOO_MANY);
    }
    expect(await tryIn(scene, viewer, viewer, viewer.password)).toBe("in");
  } finally {
    await standAt(scene, address, before!);
  }
});

test("attempts that are made at once are all counted", async ({ scene }) => {
  const { stranger, viewer } = scene;
  const guesses = Array.from({ length: 30 }, (_, number) => `guess ${number}`);
  const answers = await Promise.all(guesses.map((guess) => tryIn(scene, stranger, viewer, guess)));
  expect(answers.filter((text) => text.includes(NOT_TOGETHER))).toHaveLength(10);
  expect(answers.filter((text) => text.includes(TOO_MANY))).toHaveLength(20);
});

test("browsers that know an account share a hundred turns, and a new password makes strangers of them", async ({
  scene,
}) => {
  const { stranger, viewer } = scene;
  const shared = `accountFromBrowsers:${viewer.email}`;
  const asStranger = `accountFromAddress:${viewer.email}`;
  const counted = async () => {
    const rows = await scene.latchkey.db.rateLimiterFlexible.findMany({
      where: { key: { startsWith: `sign-in-${asStranger}` } },
    });
    return [(await pointsOf(scene, shared)) ?? 0, rows.reduce((sum, { points }) => sum + points, 0)];
  };
  await makeKnown(scene, viewer);
  expect(await tryIn(scene, stranger, viewer, viewer.password)).toBe("in");
  for (const browser of [stranger, viewer]) expect(await tryIn(scene, browser, viewer, WRONG)).toContain(NOT_TOGETHER);
  expect(await counted()).toEqual([2, 0]);
  await standAt(scene, shared, 100);
  for (const browser of [stranger, viewer]) {
    expect(await tryIn(scene, browser, viewer, viewer.password)).toContain(TOO_MANY);
  }
  await standAt(scene, shared, 0);

  const password = "a whole new password";
  const fields = { current: viewer.password, password };
  expect((await scene.act(viewer, "(dashboard)/account#changeMyPassword", { path: "/account", fields })).to).toBe(
    "/account?done=password",
  );
  expect(await tryIn(scene, stranger, viewer, WRONG)).toContain(NOT_TOGETHER);
  expect(await counted()).toEqual([0, 1]);
  expect(await tryIn(scene, viewer, viewer, WRONG)).toContain(NOT_TOGETHER);
  expect(await counted()).toEqual([1, 1]);
});
