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

test("failing elsewhere locks nobody out of an account where they sign in already", async ({ scene, latchkey }) => {
  const { stranger, viewer, admin } = scene;
  const key = (name: string) => `sign-in-account:${name}`;
  for (let count = 0; count < 10; count += 1) {
    expect(await tryIn(scene, stranger, viewer, WRONG)).toContain(NOT_TOGETHER);
  }
  for (let count = 0; count < 3; count += 1) {
    expect(await tryIn(scene, stranger, viewer, viewer.password)).toContain(TOO_MANY);
  }
  // What is refused to one address is not counted against the account, which others share.
  const counted = await latchkey.db.rateLimiterFlexible.findUnique({ where: { key: key(viewer.email) } });
  expect(counted?.points).toBe(10);
  // A browser in which the password was right before has turns of its own, and not more than its own.
  expect(await tryIn(scene, viewer, viewer, viewer.password)).toBe("in");
  for (let count = 0; count < 10; count += 1) {
    expect(await tryIn(scene, viewer, viewer, WRONG)).toContain(NOT_TOGETHER);
  }
  expect(await tryIn(scene, viewer, viewer, viewer.password)).toContain(TOO_MANY);

  // Where a hundred attempts failed from everywhere, strangers wait, and whoever signs in there already does not.
  const used = { points: 100, expire: new Date(Date.now() + 600_000) };
  const where = { key: key(admin.email) };
  await latchkey.db.rateLimiterFlexible.upsert({ where, create: { ...where, ...used }, update: used });
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
