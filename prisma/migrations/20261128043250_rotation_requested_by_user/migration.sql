-- AlterTable
ALTER TABLE "rotation" ADD COLUMN     "requested_by_user_id" TEXT;
