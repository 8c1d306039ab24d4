-- CreateEnum
CREATE TYPE "webhook_format" AS ENUM ('signed', 'slack');

-- AlterTable
ALTER TABLE "webhook" ADD COLUMN     "format" "webhook_format" NOT NULL DEFAULT 'signed';

-- CreateTable
CREATE TABLE "notice_choice" (
    "organization_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "events" TEXT[],

    CONSTRAINT "notice_choice_pkey" PRIMARY KEY ("organization_id","user_id")
);

-- CreateTable
CREATE TABLE "notice" (
    "organization_id" TEXT NOT NULL,
    "recipient" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "items" JSONB NOT NULL,
    "count" INTEGER NOT NULL,
    "told_at" TIMESTAMPTZ(3),

    CONSTRAINT "notice_pkey" PRIMARY KEY ("organization_id","recipient","event")
);

-- CreateTable
CREATE TABLE "mail_delivery" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "state" "delivery_state" NOT NULL DEFAULT 'waiting',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_attempt_at" TIMESTAMPTZ(3),
    "reason" TEXT,

    CONSTRAINT "mail_delivery_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "notice_told_at_idx" ON "notice"("told_at");

-- CreateIndex
CREATE INDEX "mail_delivery_organization_id_created_at_id_idx" ON "mail_delivery"("organization_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "mail_delivery_organization_id_user_id_created_at_idx" ON "mail_delivery"("organization_id", "user_id", "created_at");

-- AddForeignKey
ALTER TABLE "notice_choice" ADD CONSTRAINT "notice_choice_organization_id_user_id_fkey" FOREIGN KEY ("organization_id", "user_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notice" ADD CONSTRAINT "notice_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mail_delivery" ADD CONSTRAINT "mail_delivery_organization_id_user_id_fkey" FOREIGN KEY ("organization_id", "user_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE CASCADE ON UPDATE CASCADE;
