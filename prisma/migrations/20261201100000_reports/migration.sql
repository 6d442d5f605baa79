-- Reports: what was asked for, how far it is, and what came of it. The files are in the data directory.

-- CreateTable
CREATE TABLE "report" (
    "fleet_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "place" BIGSERIAL NOT NULL,
    "version" BIGINT NOT NULL DEFAULT 1,
    "request" JSONB NOT NULL,
    "cuts" JSONB NOT NULL,
    "schedule" TEXT,
    "state" TEXT NOT NULL,
    "progress" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ(3),
    "requested_by" TEXT NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),
    "error" TEXT,
    "pages" INTEGER,
    "decisions" BIGINT,
    "files" JSONB NOT NULL DEFAULT '[]',
    "sha256" TEXT,
    "disclosed" TEXT[],
    "entry_seq" BIGINT,

    CONSTRAINT "report_pkey" PRIMARY KEY ("fleet_id","id")
);

-- CreateIndex
CREATE INDEX "report_state_place_idx" ON "report"("state", "place");

-- CreateIndex
CREATE INDEX "report_fleet_id_place_idx" ON "report"("fleet_id", "place");


-- What Prisma cannot say.

ALTER TABLE "report" ADD CONSTRAINT "report_check" CHECK (
  "state" IN ('QUEUED', 'RUNNING', 'DONE', 'FAILED', 'EXPIRED')
  AND "progress" BETWEEN 0 AND 1 AND ("state" <> 'DONE' OR "sha256" IS NOT NULL AND "entry_seq" IS NOT NULL));

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_server') THEN
    GRANT SELECT, INSERT, UPDATE ON "report" TO "midwatch_server";
    GRANT USAGE ON SEQUENCE "report_place_seq" TO "midwatch_server";
  END IF;
END
$$;
