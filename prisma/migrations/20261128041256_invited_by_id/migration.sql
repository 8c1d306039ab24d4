-- AlterTable
ALTER TABLE "invitation" ADD COLUMN     "invited_by_id" TEXT;

-- Members are named by their address, which is theirs alone.
UPDATE "invitation" SET "invited_by_id" = "user"."id" FROM "user" WHERE "user"."email" = "invitation"."invited_by";
