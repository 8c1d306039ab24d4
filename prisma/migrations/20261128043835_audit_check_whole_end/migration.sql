-- AlterTable
ALTER TABLE "audit_check" ADD COLUMN     "whole_hash" BYTEA,
ADD COLUMN     "whole_seq" BIGINT;
