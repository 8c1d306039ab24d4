-- AlterEnum
ALTER TYPE "sync_outcome" ADD VALUE 'no_space';
