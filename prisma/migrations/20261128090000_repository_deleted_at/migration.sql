-- CreateIndex
CREATE INDEX "repository_deleted_at_idx" ON "repository"("deleted_at");
