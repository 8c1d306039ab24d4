-- CreateTable
CREATE TABLE "audit_check" (
    "organization_id" TEXT NOT NULL,
    "requested_at" TIMESTAMPTZ(3),
    "checked_at" TIMESTAMPTZ(3),
    "events" BIGINT NOT NULL DEFAULT 0,
    "broken_seq" BIGINT,
    "broken_why" TEXT,

    CONSTRAINT "audit_check_pkey" PRIMARY KEY ("organization_id")
);

-- AddForeignKey
ALTER TABLE "audit_check" ADD CONSTRAINT "audit_check_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;
