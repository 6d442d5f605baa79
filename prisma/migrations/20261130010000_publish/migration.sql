-- The Merkle tree over each ledger, its tiles, the checkpoints that were signed and the keys that signed them. The log of the
-- installation, whose leaves are checkpoints of fleets, lies beside them under the empty fleet id.

-- CreateTable
CREATE TABLE "ledger_tree" (
    "fleet_id" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "frontier" BYTEA NOT NULL,
    "head_hash" BYTEA NOT NULL,

    CONSTRAINT "ledger_tree_pkey" PRIMARY KEY ("fleet_id")
);

-- CreateTable
CREATE TABLE "ledger_tile" (
    "fleet_id" TEXT NOT NULL,
    "level" INTEGER NOT NULL,
    "index" BIGINT NOT NULL,
    "hashes" BYTEA NOT NULL,
    "root" BYTEA NOT NULL,

    CONSTRAINT "ledger_tile_pkey" PRIMARY KEY ("fleet_id","level","index")
);

-- CreateTable
CREATE TABLE "ledger_checkpoint" (
    "fleet_id" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "root_hash" BYTEA NOT NULL,
    "note" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "signed_at" TIMESTAMPTZ(3) NOT NULL,
    "cosignatures" TEXT[],
    "witnessed_at" TIMESTAMPTZ(3),
    "root_seq" BIGINT,

    CONSTRAINT "ledger_checkpoint_pkey" PRIMARY KEY ("fleet_id","size")
);

-- CreateTable
CREATE TABLE "ledger_key" (
    "fleet_id" TEXT NOT NULL,
    "public_key" BYTEA NOT NULL,
    "from_size" BIGINT NOT NULL,
    "to_size" BIGINT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "ledger_key_pkey" PRIMARY KEY ("fleet_id","public_key")
);

-- CreateIndex
CREATE UNIQUE INDEX "ledger_checkpoint_root_seq_key" ON "ledger_checkpoint"("root_seq");


-- What Prisma cannot say.

ALTER TABLE "ledger_tree" ADD CONSTRAINT "ledger_tree_check"
  CHECK ("size" >= 0 AND length("head_hash") = 32 AND length("frontier") % 32 = 0);
ALTER TABLE "ledger_tile" ADD CONSTRAINT "ledger_tile_check"
  CHECK ("level" BETWEEN 0 AND 63 AND "index" >= 0 AND length("hashes") = 8192 AND length("root") = 32);
ALTER TABLE "ledger_checkpoint" ADD CONSTRAINT "ledger_checkpoint_check"
  CHECK ("size" >= 0 AND length("root_hash") = 32 AND ("root_seq" IS NULL OR "fleet_id" <> ''));
ALTER TABLE "ledger_key" ADD CONSTRAINT "ledger_key_check"
  CHECK (length("public_key") = 32 AND "from_size" >= 0 AND "to_size" >= 0);
-- Hashes do not compress.
ALTER TABLE "ledger_tile" ALTER COLUMN "hashes" SET STORAGE EXTERNAL;
-- One key signs at a time.
CREATE UNIQUE INDEX "ledger_key_current_idx" ON "ledger_key" ("fleet_id") WHERE "to_size" IS NULL;
-- The newest that enough witnesses cosigned.
CREATE INDEX "ledger_checkpoint_witnessed_idx" ON "ledger_checkpoint" ("fleet_id", "size") WHERE "witnessed_at" IS NOT NULL;
-- What lets go of checkpoints that no log has as a leaf.
CREATE INDEX "ledger_checkpoint_passing_idx" ON "ledger_checkpoint" ("signed_at") WHERE "root_seq" IS NULL;

CREATE TRIGGER "ledger_tile_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_tile"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_ledger_change"();
ALTER TABLE "ledger_tile" ENABLE ALWAYS TRIGGER "ledger_tile_append_only";

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_server') THEN
    GRANT SELECT, INSERT ON "ledger_tile" TO "midwatch_server";
    GRANT SELECT, INSERT, UPDATE ON "ledger_tree", "ledger_key" TO "midwatch_server";
    GRANT SELECT, INSERT, UPDATE, DELETE ON "ledger_checkpoint" TO "midwatch_server";
  END IF;
END
$$;
