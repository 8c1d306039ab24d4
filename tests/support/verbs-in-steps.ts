import { readFileSync } from "node:fs";
import type { MemberActor } from "@/lib/domain/access/actor";
import type { Context } from "@/lib/domain/context";
import { erasePrevious } from "@/lib/domain/credentials/erase-previous";
import { finishRotation } from "@/lib/domain/credentials/finish-rotation";
import { rollBackCredential } from "@/lib/domain/credentials/roll-back-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { askRenewal } from "@/lib/domain/renewals/ask-renewal";
import type { BegunRenewal } from "@/lib/domain/renewals/as-renewal";
import { beginRenewals } from "@/lib/domain/renewals/begin-renewals";
import { runRotation } from "@/lib/domain/rotations/run-rotation";
import { goBackAfterRejection } from "@/lib/domain/sync/go-back-after-rejection";
import type { Pulled } from "@/lib/domain/sync/pull-repository";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { createUpstreamClient, type UpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { makeContext } from "@/prisma/factories";
import { steppingDatabase, steppingUpstream, type Steps } from "./steps";

/** One verb on one credential, as plain data: it is sent to the process that dies. */
export interface Scene {
  actor: MemberActor;
  id: string;
  /** The secret that is to be next. */
  next: string;
  pulled: Pulled;
  rotationId?: string;
  renewal?: BegunRenewal;
  /** Where answers to renewals are sealed to. */
  folder: string;
}

export interface Surroundings {
  databaseUrl: string;
  host: string;
  caFile: string;
}

const { signal } = new AbortController();

export const VERBS = {
  "rotate, staged": (ctx: Context, { id, next }: Scene) =>
    rotateCredential(ctx, { id, password: next, test: "required" }),
  "rotate at once": (ctx: Context, { id, next }: Scene) => rotateCredential(ctx, { id, password: next }),
  "finish a rotation": (ctx: Context, { id }: Scene) => finishRotation(ctx, { id }),
  "roll back": (ctx: Context, { id }: Scene) => rollBackCredential(ctx, { id }),
  "roll back by itself": (ctx: Context, { pulled }: Scene) => goBackAfterRejection(ctx, pulled),
  "erase the previous": (ctx: Context, { id }: Scene) => erasePrevious(ctx, { id }),
  "rotate for all": (ctx: Context, { rotationId }: Scene) => runRotation(ctx, { rotationId: rotationId! }, signal),
  "begin renewals": (ctx: Context) => beginRenewals(ctx),
  "renew a token": (ctx: Context, { folder, renewal }: Scene) => askRenewal(ctx, { folder, signal }, renewal!),
  "bring a renewed token round": (ctx: Context, { rotationId }: Scene) =>
    runRotation(ctx, { rotationId: rotationId! }, signal),
} as const;

export type VerbName = keyof typeof VERBS;

let shared: UpstreamClient | undefined;

/** One for the process: making one takes longer than a verb. */
function upstreamOf({ host, caFile }: Surroundings): UpstreamClient {
  return (shared ??= createUpstreamClient(createEgressPolicy([host]), readFileSync(caFile, "utf8")));
}

/** Does the verb, with real parts, in steps. */
export async function inSteps(name: VerbName, scene: Scene, steps: Steps, around: Surroundings): Promise<void> {
  const ctx = makeContext(steppingDatabase(around.databaseUrl, steps), scene.actor, {
    upstream: steppingUpstream(upstreamOf(around), steps),
  });
  await VERBS[name](ctx, scene);
  await ctx.db.$disconnect();
}
