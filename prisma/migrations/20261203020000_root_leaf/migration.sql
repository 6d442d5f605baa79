-- AlterTable
ALTER TABLE "ledger_checkpoint" ADD COLUMN "leaf" TEXT;

-- CreateIndex
CREATE INDEX "ledger_checkpoint_fleet_id_root_seq_idx" ON "ledger_checkpoint"("fleet_id", "root_seq");


-- What Prisma cannot say.

-- A checkpoint of the log of the installation has its own last leaf beside it, which says what all fleets were by then; so it stays.
ALTER TABLE "ledger_checkpoint" DROP CONSTRAINT "ledger_checkpoint_check";
ALTER TABLE "ledger_checkpoint" ADD CONSTRAINT "ledger_checkpoint_check"
  CHECK ("size" >= 0 AND length("root_hash") = 32 AND ("leaf" IS NOT NULL) = ("root_seq" IS NOT NULL AND "fleet_id" = '')
    AND ("leaf" IS NULL OR "root_seq" = "size" - 1));

-- What is said once of all fleets is not said otherwise.
DROP TRIGGER "ledger_checkpoint_guard" ON "ledger_checkpoint";
CREATE TRIGGER "ledger_checkpoint_guard" BEFORE UPDATE OF "fleet_id", "size", "root_hash", "note", "key_id", "leaf" OR TRUNCATE
  ON "ledger_checkpoint" FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
ALTER TABLE "ledger_checkpoint" ENABLE ALWAYS TRIGGER "ledger_checkpoint_guard";
