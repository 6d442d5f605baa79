-- Witnesses that cosigned what a ledger does not continue. While one stands, nothing is appended to the ledger.

-- CreateTable
CREATE TABLE "ledger_contradiction" (
    "fleet_id" TEXT NOT NULL,
    "witness" TEXT NOT NULL,
    "found_at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "witness_size" BIGINT NOT NULL,
    "own_size" BIGINT NOT NULL,
    "evidence" TEXT,
    "over_at" TIMESTAMPTZ(3),
    "over_by" TEXT,

    CONSTRAINT "ledger_contradiction_pkey" PRIMARY KEY ("fleet_id","witness","found_at")
);


-- What Prisma cannot say.

ALTER TABLE "ledger_contradiction" ADD CONSTRAINT "ledger_contradiction_check"
  CHECK ("kind" IN ('AHEAD', 'INCONSISTENT') AND "over_by" IN ('COSIGNED', 'LEFT_POLICY')
    AND ("over_at" IS NULL) = ("over_by" IS NULL));
-- One stands at a time; and what every append looks for.
CREATE UNIQUE INDEX "ledger_contradiction_standing_idx" ON "ledger_contradiction" ("fleet_id", "witness") WHERE "over_at" IS NULL;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_server') THEN
    GRANT SELECT, INSERT, UPDATE ON "ledger_contradiction" TO "midwatch_server";
  END IF;
END
$$;
