-- CreateEnum
CREATE TYPE "import_item_state" AS ENUM ('failed', 'without_credential', 'unusable', 'waiting', 'imported', 'there', 'cancelled');

-- CreateTable
CREATE TABLE "repository_import" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "requested_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "cancelled_at" TIMESTAMPTZ(3),

    CONSTRAINT "repository_import_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "import_item" (
    "import_id" TEXT NOT NULL,
    "line" INTEGER NOT NULL,
    "repository_name" TEXT,
    "provider" "provider",
    "host" TEXT,
    "owner" TEXT,
    "upstream_name" TEXT,
    "secret_given" BOOLEAN NOT NULL,
    "repository_exists" BOOLEAN NOT NULL,
    "state" "import_item_state" NOT NULL DEFAULT 'waiting',
    "outcome" "test_outcome",
    "code" TEXT,
    "at" TIMESTAMPTZ(3),
    "master_key_id" TEXT,
    "sealed" BYTEA,

    CONSTRAINT "import_item_pkey" PRIMARY KEY ("import_id","line")
);

-- CreateIndex
CREATE INDEX "repository_import_organization_id_created_at_idx" ON "repository_import"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "repository_import_started_at_finished_at_created_at_idx" ON "repository_import"("started_at", "finished_at", "created_at");

-- CreateIndex
CREATE INDEX "import_item_import_id_state_line_idx" ON "import_item"("import_id", "state", "line");

-- CreateIndex
CREATE INDEX "import_item_master_key_id_idx" ON "import_item"("master_key_id");

-- AddForeignKey
ALTER TABLE "repository_import" ADD CONSTRAINT "repository_import_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import_item" ADD CONSTRAINT "import_item_import_id_fkey" FOREIGN KEY ("import_id") REFERENCES "repository_import"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import_item" ADD CONSTRAINT "import_item_master_key_id_fkey" FOREIGN KEY ("master_key_id") REFERENCES "master_key_check"("key_id") ON DELETE RESTRICT ON UPDATE RESTRICT;
