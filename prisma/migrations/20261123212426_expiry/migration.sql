-- AlterTable
ALTER TABLE "git_credential" ADD COLUMN     "expiry_told_days" INTEGER;

-- CreateIndex
CREATE INDEX "git_credential_expires_at_idx" ON "git_credential"("expires_at");
