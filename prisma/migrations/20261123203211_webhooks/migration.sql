-- CreateEnum
CREATE TYPE "delivery_state" AS ENUM ('waiting', 'delivered', 'given_up');

-- AlterTable
ALTER TABLE "repository" ADD COLUMN     "expects_write" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "sync_run" ADD COLUMN     "number" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "objects_received" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "objects_total" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "webhook" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "events" TEXT[],
    "added_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "master_key_id" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "paused_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_delivery" (
    "id" TEXT NOT NULL,
    "webhook_id" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "state" "delivery_state" NOT NULL DEFAULT 'waiting',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_attempt_at" TIMESTAMPTZ(3),
    "status" INTEGER,
    "reason" TEXT,

    CONSTRAINT "webhook_delivery_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "webhook_organization_id_created_at_idx" ON "webhook"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "webhook_master_key_id_idx" ON "webhook"("master_key_id");

-- CreateIndex
CREATE INDEX "webhook_delivery_webhook_id_created_at_id_idx" ON "webhook_delivery"("webhook_id", "created_at", "id");

-- AddForeignKey
ALTER TABLE "webhook" ADD CONSTRAINT "webhook_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_delivery" ADD CONSTRAINT "webhook_delivery_webhook_id_fkey" FOREIGN KEY ("webhook_id") REFERENCES "webhook"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Runs that are there already are numbered in their order.
UPDATE sync_run SET number = numbered.number
FROM (SELECT id, row_number() OVER (PARTITION BY repository_id ORDER BY started_at, id) AS number FROM sync_run) AS numbered
WHERE sync_run.id = numbered.id;
