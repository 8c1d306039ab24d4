-- CreateEnum
CREATE TYPE "renewal_outcome" AS ENUM ('renewed', 'refused', 'rejected', 'unreachable', 'cut_off');

-- AlterTable
ALTER TABLE "git_credential" ADD COLUMN     "renews" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "renewal" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "credential_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "fingerprint" BYTEA NOT NULL,
    "host" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "outcome" "renewal_outcome",
    "retry_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "renewal_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "renewal_credential_id_asked_at_idx" ON "renewal"("credential_id", "asked_at");

-- CreateIndex
CREATE INDEX "renewal_organization_id_fingerprint_idx" ON "renewal"("organization_id", "fingerprint");

-- CreateIndex
CREATE INDEX "renewal_ended_at_asked_at_idx" ON "renewal"("ended_at", "asked_at");

-- AddForeignKey
ALTER TABLE "renewal" ADD CONSTRAINT "renewal_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;
