-- AlterTable
ALTER TABLE "organization" ADD COLUMN     "token_audience" TEXT,
ADD COLUMN     "token_max_minutes" INTEGER;
