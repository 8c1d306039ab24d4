-- AlterTable
ALTER TABLE "git_credential" ADD COLUMN     "unreadable_at" TIMESTAMPTZ(3);
