-- CreateEnum
CREATE TYPE "rotation_item_state" AS ENUM ('waiting', 'rotated', 'cancelled', 'kept', 'failed');

-- AlterTable
ALTER TABLE "git_credential" ADD COLUMN     "fingerprint" BYTEA;

-- CreateTable
CREATE TABLE "fingerprint_key" (
    "organization_id" TEXT NOT NULL,
    "master_key_id" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,

    CONSTRAINT "fingerprint_key_pkey" PRIMARY KEY ("organization_id")
);

-- CreateTable
CREATE TABLE "rotation" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "requested_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "cancelled_at" TIMESTAMPTZ(3),
    "master_key_id" TEXT,
    "sealed" BYTEA,

    CONSTRAINT "rotation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rotation_item" (
    "rotation_id" TEXT NOT NULL,
    "credential_id" TEXT NOT NULL,
    "repository_name" TEXT NOT NULL,
    "state" "rotation_item_state" NOT NULL DEFAULT 'waiting',
    "outcome" "test_outcome",
    "code" TEXT,
    "at" TIMESTAMPTZ(3),

    CONSTRAINT "rotation_item_pkey" PRIMARY KEY ("rotation_id","credential_id")
);

-- CreateIndex
CREATE INDEX "fingerprint_key_master_key_id_idx" ON "fingerprint_key"("master_key_id");

-- CreateIndex
CREATE INDEX "rotation_organization_id_created_at_idx" ON "rotation"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "rotation_master_key_id_idx" ON "rotation"("master_key_id");

-- CreateIndex
CREATE INDEX "rotation_item_rotation_id_state_repository_name_idx" ON "rotation_item"("rotation_id", "state", "repository_name");

-- CreateIndex
CREATE INDEX "git_credential_fingerprint_idx" ON "git_credential"("fingerprint");

-- AddForeignKey
ALTER TABLE "fingerprint_key" ADD CONSTRAINT "fingerprint_key_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rotation" ADD CONSTRAINT "rotation_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rotation_item" ADD CONSTRAINT "rotation_item_rotation_id_fkey" FOREIGN KEY ("rotation_id") REFERENCES "rotation"("id") ON DELETE CASCADE ON UPDATE CASCADE;
