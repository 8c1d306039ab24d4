-- CreateEnum
CREATE TYPE "sync_outcome" AS ENUM ('succeeded', 'needs_credential', 'rejected', 'scope_too_small', 'no_access', 'unreachable', 'not_git', 'too_large', 'bad_objects', 'stopped');

-- AlterTable
ALTER TABLE "git_credential" ADD COLUMN     "last_used_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "repository" ADD COLUMN     "last_pull_at" TIMESTAMPTZ(3),
ADD COLUMN     "last_pull_outcome" "sync_outcome",
ADD COLUMN     "next_pull_at" TIMESTAMPTZ(3),
ADD COLUMN     "paused_at" TIMESTAMPTZ(3),
ADD COLUMN     "pull_every_minutes" INTEGER NOT NULL DEFAULT 60,
ADD COLUMN     "refusals" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "sync_run" (
    "id" TEXT NOT NULL,
    "repository_id" TEXT NOT NULL,
    "requested_by" TEXT NOT NULL,
    "ref" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),
    "outcome" "sync_outcome",
    "reason" TEXT,
    "refs_changed" INTEGER NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "credential_version" INTEGER,

    CONSTRAINT "sync_run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mirror_head" (
    "repository_id" TEXT NOT NULL,
    "ref" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,

    CONSTRAINT "mirror_head_pkey" PRIMARY KEY ("repository_id","ref")
);

-- CreateTable
CREATE TABLE "worker_lease" (
    "worker_id" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "worker_lease_pkey" PRIMARY KEY ("worker_id")
);

-- CreateIndex
CREATE INDEX "sync_run_repository_id_started_at_idx" ON "sync_run"("repository_id", "started_at");

-- CreateIndex
CREATE INDEX "worker_lease_seen_at_idx" ON "worker_lease"("seen_at");

-- CreateIndex
CREATE INDEX "repository_next_pull_at_idx" ON "repository"("next_pull_at");

-- AddForeignKey
ALTER TABLE "sync_run" ADD CONSTRAINT "sync_run_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mirror_head" ADD CONSTRAINT "mirror_head_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;
