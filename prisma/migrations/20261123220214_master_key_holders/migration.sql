-- CreateTable
CREATE TABLE "retired_master_key" (
    "key_id" TEXT NOT NULL,
    "retired_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "retired_master_key_pkey" PRIMARY KEY ("key_id")
);

-- CreateTable
CREATE TABLE "key_holder" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "key_ids" TEXT[],
    "seals_with" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "key_holder_pkey" PRIMARY KEY ("id")
);

-- AddForeignKey
ALTER TABLE "credential_secret" ADD CONSTRAINT "credential_secret_master_key_id_fkey" FOREIGN KEY ("master_key_id") REFERENCES "master_key_check"("key_id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "webhook" ADD CONSTRAINT "webhook_master_key_id_fkey" FOREIGN KEY ("master_key_id") REFERENCES "master_key_check"("key_id") ON DELETE RESTRICT ON UPDATE RESTRICT;
