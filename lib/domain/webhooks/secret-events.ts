import { actorName, wisherName } from "../access/actor";
import type { Context } from "../context";
import type { Announcement } from "./announce";

// What is told when another secret has taken the current one's place.

interface Replaced {
  credentialId: string;
  repository: { id: string; name: string };
}

/** Somebody rotated a credential. */
export function rotated(ctx: Pick<Context, "actor" | "clock">, replaced: Replaced & { version: number }): Announcement {
  const by = wisherName(ctx.actor) ?? actorName(ctx.actor);
  return {
    event: {
      type: "credential.rotated",
      ...common(replaced),
      version: replaced.version,
      rotated_at: ctx.clock().toISOString(),
      rotated_by: by,
    },
    says: `${by} rotated the credential.`,
  };
}

/** The previous secret is in use again: by somebody's wish, or because the host rejected the new one. */
export function rolledBack(
  ctx: Pick<Context, "actor" | "clock">,
  replaced: Replaced & { automatic: boolean },
): Announcement {
  const { automatic } = replaced;
  return {
    event: {
      type: "credential.rolled_back",
      ...common(replaced),
      automatic,
      rolled_back_at: ctx.clock().toISOString(),
    },
    says: automatic
      ? "The host rejected the new secret, so the previous one is in use again."
      : `${actorName(ctx.actor)} went back to the previous secret.`,
  };
}

/** A host has renewed a token that renews itself; `expiresAt` is the new one's end. */
export function renewed(ctx: Pick<Context, "clock">, replaced: Replaced & { expiresAt?: Date }): Announcement {
  const { expiresAt } = replaced;
  const end = expiresAt?.toISOString() ?? null;
  return {
    event: {
      type: "credential.renewed",
      ...common(replaced),
      renewed_at: ctx.clock().toISOString(),
      expires_at: end,
    },
    says: end === null ? "The token was renewed." : `The token was renewed, and ends on ${end.slice(0, 10)}.`,
  };
}

function common({ credentialId, repository }: Replaced) {
  return { repository: { id: repository.id, url: repository.name }, credential: { id: credentialId } };
}
