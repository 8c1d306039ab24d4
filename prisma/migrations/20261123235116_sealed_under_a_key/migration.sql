-- AddForeignKey
ALTER TABLE "second_factor" ADD CONSTRAINT "second_factor_master_key_id_fkey" FOREIGN KEY ("master_key_id") REFERENCES "master_key_check"("key_id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "fingerprint_key" ADD CONSTRAINT "fingerprint_key_master_key_id_fkey" FOREIGN KEY ("master_key_id") REFERENCES "master_key_check"("key_id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "rotation" ADD CONSTRAINT "rotation_master_key_id_fkey" FOREIGN KEY ("master_key_id") REFERENCES "master_key_check"("key_id") ON DELETE RESTRICT ON UPDATE RESTRICT;
