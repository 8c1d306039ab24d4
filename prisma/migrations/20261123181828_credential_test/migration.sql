-- CreateEnum
CREATE TYPE "test_outcome" AS ENUM ('reads_and_writes', 'reads_only', 'rejected', 'no_access', 'scope_too_small', 'public_unproven', 'takes_no_credential', 'unreachable', 'not_git');

-- AlterTable
ALTER TABLE "git_credential" ADD COLUMN     "expires_at" TIMESTAMPTZ(3),
ADD COLUMN     "host_last_used_at" TIMESTAMPTZ(3),
ADD COLUMN     "host_says" "provider",
ADD COLUMN     "test_outcome" "test_outcome",
ADD COLUMN     "test_reason" TEXT,
ADD COLUMN     "tested_at" TIMESTAMPTZ(3),
ADD COLUMN     "token_scopes" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "upstream" ADD COLUMN     "canonical_path" TEXT;
