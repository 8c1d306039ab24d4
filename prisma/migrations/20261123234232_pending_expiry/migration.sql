-- AlterTable
ALTER TABLE "git_credential" ADD COLUMN     "pending_ends_at" TIMESTAMPTZ(3);
