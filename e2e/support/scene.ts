import { randomBytes } from "node:crypto";
import type { APIRequestContext } from "@playwright/test";
import type { MemberRole } from "@/lib/contract/members";
import { makeOrganization, type MadeOrganization } from "@/prisma/factories";
import type { GitHost } from "@/scripts/git-host/start-git-host";
import type { Latchkey } from "@/scripts/start-latchkey";
import { appCode } from "./authenticator";
import { cookieOf, newMember, test as base } from "./fixtures";
import { callAction, serverActions, type ActionAnswer, type ActionCall } from "./server-actions";

const SECOND_FACTOR = "/account/second-factor";

/** Somebody in front of Latchkey, signed in or not. */
export interface Actor {
  request: APIRequestContext;
  userId: string;
  email: string;
  password: string;
}

/** An organization with everybody who may try its doors. */
export interface Scene {
  latchkey: Latchkey;
  gitHost: GitHost;
  organization: MadeOrganization;
  owner: Actor;
  admin: Actor;
  viewer: Actor;
  /** An admin, elsewhere. */
  foreign: Actor & { organization: MadeOrganization };
  /** Has the cookies of an owner's session that was signed out of. */
  ended: Actor;
  /** Never signed in. */
  stranger: Actor;
  /** Calls a server action by its name in the build. */
  act(actor: Actor, name: string, call: Omit<ActionCall, "id">): Promise<ActionAnswer>;
  /** Makes the actor's second factor, and answers what the app holds. */
  beginSecondFactor(actor: Actor): Promise<MadeSecondFactor>;
  /** Makes it and turns it on. */
  turnOnSecondFactor(actor: Actor): Promise<MadeSecondFactor>;
}

interface MadeSecondFactor {
  /** Of the app. */
  key: string;
  recoveryCode: string;
}

export const test = base.extend<{ scene: Scene }>({
  scene: async ({ playwright, baseURL, latchkey, gitHost, organization }, use) => {
    const actions = serverActions();
    const opened: APIRequestContext[] = [];
    const open = async (cookies: Awaited<ReturnType<APIRequestContext["storageState"]>>["cookies"] = []) => {
      const request = await playwright.request.newContext({ baseURL, storageState: { cookies, origins: [] } });
      opened.push(request);
      return request;
    };
    const act: Scene["act"] = (actor, name, call) => callAction(actor.request, { id: actions.get(name)!, ...call });
    const signedIn = async (person: Omit<Actor, "request">): Promise<Actor> => {
      const place = { domain: "localhost", path: "/", expires: -1 };
      const flags = { httpOnly: true, secure: false, sameSite: "Lax" as const };
      const cookie = { ...(await cookieOf(latchkey, person.userId)), ...place, ...flags };
      return { ...person, request: await open([cookie]) };
    };
    const person = (place: MadeOrganization, role: MemberRole) =>
      newMember(latchkey, place, role, randomBytes(12).toString("hex"));
    const beginSecondFactor: Scene["beginSecondFactor"] = async (actor) => {
      const fields = { current: actor.password };
      const name = "(dashboard)/account/second-factor#beginMySecondFactor";
      const { text } = await act(actor, name, { path: SECOND_FACTOR, fields });
      const [, key, recoveryCode] = /"secret":"([A-Z2-7]{32})".*"recoveryCodes":\["([a-z2-7-]+)"/s.exec(text)!;
      return { key: key!, recoveryCode: recoveryCode! };
    };
    const elsewhere = await makeOrganization(latchkey.db, `else-${randomBytes(5).toString("hex")}`);
    const owner = await person(organization, "owner");
    const ended = await signedIn(owner);
    const { cookies } = await ended.request.storageState();
    await act(ended, "(dashboard)#signOut", { path: `/${organization.slug}/repos` });
    await use({
      latchkey,
      gitHost,
      organization,
      owner: await signedIn(owner),
      admin: await signedIn(await person(organization, "admin")),
      viewer: await signedIn(await person(organization, "viewer")),
      foreign: { ...(await signedIn(await person(elsewhere, "admin"))), organization: elsewhere },
      ended: { ...owner, request: await open(cookies) },
      stranger: { userId: "", email: "", password: "", request: await open() },
      act,
      beginSecondFactor,
      turnOnSecondFactor: async (actor) => {
        const made = await beginSecondFactor(actor);
        const fields = { code: appCode(made.key) };
        await act(actor, "(dashboard)/account/second-factor#turnOnMySecondFactor", { path: SECOND_FACTOR, fields });
        return made;
      },
    });
    for (const request of opened) await request.dispose();
  },
});

export { expect } from "@playwright/test";
