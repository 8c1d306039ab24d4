-- AlterTable
ALTER TABLE "git_credential" ADD COLUMN     "last_version" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "pending_at" TIMESTAMPTZ(3),
ADD COLUMN     "pending_by" TEXT,
ADD COLUMN     "pending_version" INTEGER,
ADD COLUMN     "previous_until" TIMESTAMPTZ(3),
ADD COLUMN     "previous_version" INTEGER,
ADD COLUMN     "pulled_version" INTEGER,
ADD COLUMN     "rolled_back_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "organization" ADD COLUMN     "keep_days" INTEGER NOT NULL DEFAULT 7;

-- CreateIndex
CREATE INDEX "git_credential_previous_until_idx" ON "git_credential"("previous_until");

-- Until now the current version was the only one.
UPDATE git_credential SET last_version = current_version;
