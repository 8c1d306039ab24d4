import { syncSentence, type SyncRunRow } from "@/lib/contract/sync-runs";
import type { Context, Transaction } from "../context";
import { providerToWire } from "../repositories/provider-names";
import { announce } from "../webhooks/announce";
import type { Pulled } from "./pull-repository";

interface BegunRun {
  number: number;
  startedAt: Date;
}

type Ended = Pick<SyncRunRow, "outcome" | "reason" | "refsChanged">;

/** Tells the organization's webhooks that a pull began. */
export function announceStart(tx: Transaction, ctx: Context, repository: Pulled, run: BegunRun): Promise<void> {
  return announce(tx, ctx, { event: { type: "repo.sync.started", ...common(repository, run) } });
}

/** Tells them how it ended. */
export function announceEnd(tx: Transaction, ctx: Context, repository: Pulled, run: BegunRun & Ended): Promise<void> {
  const { provider, host } = repository.upstream;
  const succeeded = run.outcome === "succeeded";
  return announce(tx, ctx, {
    event: {
      type: succeeded ? "repo.sync.succeeded" : "repo.sync.failed",
      ...common(repository, run),
      completed_at: ctx.clock().toISOString(),
      ...(!succeeded && { error: syncSentence(run, { provider: providerToWire(provider), host }) }),
    },
  });
}

/** Tells webhooks and people that so many pulls in a row were refused that there are no more. */
export function announcePause(tx: Transaction, ctx: Context, { id, name }: Pulled, refusals: number): Promise<void> {
  return announce(tx, ctx, {
    event: {
      type: "repo.sync.paused",
      repository: { id, url: name },
      paused_at: ctx.clock().toISOString(),
      refusals,
    },
    says: `${refusals} pulls in a row failed for want of a credential that works. Pulling is paused until it is rotated, or somebody pulls by hand.`,
  });
}

function common({ id, name }: Pulled, { number, startedAt }: BegunRun) {
  return {
    repository: { id, url: name },
    run_count: number,
    is_first_sync: number === 1,
    started_at: startedAt.toISOString(),
  };
}
