import { ACTION_DOORS, type ActionDoor } from "./support/action-doors";
import { fingerprint } from "./support/fingerprint";
import { expect, test, type Actor, type Scene } from "./support/scene";
import { serverActions, type ActionAnswer } from "./support/server-actions";

type Verdict = "sign in" | "not found" | "forbidden" | "refused" | "done";
type Somebody = "stranger" | "ended" | "viewer" | "admin" | "foreign";

/** What everybody who may not is told; the fields that they send are the ones that somebody who may would send. */
const REFUSALS: Record<ActionDoor["who"], Partial<Record<Somebody, Verdict>>> = {
  browser: {},
  anybody: { stranger: "refused", ended: "refused", viewer: "refused", admin: "refused", foreign: "refused" },
  user: { stranger: "sign in", ended: "sign in", viewer: "refused", admin: "refused", foreign: "refused" },
  member: { stranger: "sign in", ended: "sign in", foreign: "not found" },
  admin: { stranger: "sign in", ended: "sign in", viewer: "forbidden", foreign: "not found" },
  owner: { stranger: "sign in", ended: "sign in", viewer: "forbidden", admin: "forbidden", foreign: "not found" },
};

function verdict({ status, to, text }: ActionAnswer): Verdict {
  if (to?.startsWith("/sign-in?next=")) return "sign in";
  if (status === 404) return "not found";
  if (text.includes("Your role in this organization does not allow this")) return "forbidden";
  if (text.includes('"status":"error"')) return "refused";
  return [200, 303].includes(status) ? "done" : "refused";
}

test("every server action of the build has its row, and every row an action", () => {
  expect([...serverActions().keys()].sort()).toEqual(Object.keys(ACTION_DOORS).sort());
});

for (const [name, door] of Object.entries(ACTION_DOORS)) {
  test(`${name} is for ${door.who}, and for nobody else`, async ({ scene }) => {
    const { latchkey, organization, owner, foreign, ended, stranger } = scene;
    const fields = await door.fields?.(scene);
    const send = (actor: Actor, sent = fields) => sendTo(scene, name, { actor, slug: organization.slug, fields: sent });
    const print = () => fingerprint(latchkey, { organizationId: organization.id, userId: owner.userId });
    const before = await print();

    const verdicts: Record<string, Verdict> = {};
    const answers: string[] = [];
    for (const who of Object.keys(REFUSALS[door.who]) as Somebody[]) {
      const answer = await send(scene[who], door.worthless?.fields);
      verdicts[who] = verdict(answer);
      answers.push(answer.text);
    }
    expect(verdicts).toEqual(REFUSALS[door.who]);
    expect(answers.filter((text) => door.worthless && !door.worthless.told.test(text))).toEqual([]);
    // Bound to an organization of their own, with the ids of what belongs to this one.
    if (isBound(door)) await sendTo(scene, name, { actor: foreign, slug: foreign.organization.slug, fields });
    expect(door.refusalRecorded ? before : await print()).toEqual(before);

    const allowed = ["anybody", "browser"].includes(door.who) ? stranger : owner;
    const first = await send(allowed);
    expect(verdict(first)).toBe(door.allowed ? "refused" : "done");
    expect(first.text).toMatch(door.allowed ?? /^/);
    const after = await print();
    expect(JSON.stringify(after) === JSON.stringify(before), "nothing was changed").toBe(door.leavesNothing === true);

    // The same request once more: by the cookies of a session that was signed out of, and as a form that is sent twice.
    const replayed = verdict(await send(ended, door.worthless?.fields));
    expect(replayed).toBe(REFUSALS[door.who].ended ?? "done");
    expect(door.workerGoesOn || door.refusalRecorded ? after : await print()).toEqual(after);
    const again = await send(allowed);
    expect(verdict(again)).toBe(door.again ? "refused" : "done");
    expect(again.text).toMatch(door.again ?? /^/);
  });
}

test("where an organization asks for a second factor, no action and no stream lets in who has none", async ({
  scene,
}) => {
  const { latchkey, organization, owner } = scene;
  const { id, slug } = organization;
  await latchkey.db.organization.update({ where: { id }, data: { secondFactorRequired: true } });
  const print = () => fingerprint(latchkey, { organizationId: id, userId: owner.userId });
  const before = await print();
  const doors = Object.keys(ACTION_DOORS).filter((name) => isBound(ACTION_DOORS[name]!));
  const led: Record<string, string | undefined> = {};
  for (const name of doors) {
    const { typed } = ACTION_DOORS[name]!;
    led[name] = (await sendTo(scene, name, { actor: owner, slug, fields: typed === undefined ? {} : undefined })).to;
  }
  const progress = await owner.request.get(`/api/progress/${slug}/any`, { maxRedirects: 0 });
  led.progress = progress.headers().location;
  const there = `/account/second-factor?for=${slug}`;
  expect(led).toEqual(Object.fromEntries([...doors, "progress"].map((name) => [name, there])));
  expect(await print()).toEqual(before);
});

/** Whether the action takes an organization before its form. */
function isBound({ who }: ActionDoor): boolean {
  return ["owner", "admin", "member"].includes(who);
}

interface Sent {
  actor: Actor;
  slug: string;
  fields: Record<string, string> | undefined;
}

function sendTo(scene: Scene, name: string, { actor, slug, fields }: Sent): Promise<ActionAnswer> {
  const door = ACTION_DOORS[name]!;
  const { who, page, typed, stateless } = door;
  const bound = isBound(door);
  return scene.act(actor, name, {
    path: bound || who === "browser" ? `/${scene.organization.slug}${page}` : page,
    bound: [...(bound ? [slug] : []), ...(typed === undefined ? [] : [typed])],
    fields,
    stateless,
  });
}
