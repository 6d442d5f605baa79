-- Erasing content for good, and holding it against that.

-- CreateTable
CREATE TABLE "legal_hold" (
    "fleet_id" TEXT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "scope" TEXT NOT NULL,
    "target" TEXT,
    "reference" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "reason_salt" BYTEA NOT NULL,
    "placed_by" TEXT NOT NULL,
    "placed_at" TIMESTAMPTZ(3) NOT NULL,
    "released_by" TEXT,
    "released_at" TIMESTAMPTZ(3),
    "release_reason" TEXT,
    "release_salt" BYTEA,

    CONSTRAINT "legal_hold_pkey" PRIMARY KEY ("fleet_id","id")
);

-- CreateTable
CREATE TABLE "erasure" (
    "fleet_id" TEXT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "scope" TEXT NOT NULL,
    "target" TEXT,
    "reference" TEXT NOT NULL,
    "basis" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "reason_salt" BYTEA NOT NULL,
    "state" TEXT NOT NULL,
    "requested_by" TEXT NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,
    "decided_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "decision_reason" TEXT,
    "decision_salt" BYTEA,
    "decisions" INTEGER NOT NULL DEFAULT 0,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "erasure_pkey" PRIMARY KEY ("fleet_id","id")
);

-- CreateTable
CREATE TABLE "erased_decision" (
    "fleet_id" TEXT NOT NULL,
    "decision_id" TEXT NOT NULL,
    "erasure_id" BIGINT NOT NULL,
    "erased_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "erased_decision_pkey" PRIMARY KEY ("fleet_id","decision_id")
);

-- CreateTable
CREATE TABLE "erasure_mark" (
    "fleet_id" TEXT NOT NULL,
    "erasure_id" BIGINT NOT NULL,
    "scope" TEXT NOT NULL,
    "salt" BYTEA NOT NULL,
    "digest" BYTEA NOT NULL,
    "erased_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "erasure_mark_pkey" PRIMARY KEY ("fleet_id","erasure_id")
);

-- CreateTable
CREATE TABLE "data_subject" (
    "fleet_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "pseudonym" TEXT NOT NULL,

    CONSTRAINT "data_subject_pkey" PRIMARY KEY ("fleet_id","user_id")
);

-- Holds that bind: few of all there were.
CREATE INDEX "legal_hold_active_idx" ON "legal_hold" ("fleet_id") WHERE "released_at" IS NULL;

ALTER TABLE "legal_hold" ADD CONSTRAINT "legal_hold_scope_check"
  CHECK ("scope" IN ('DECISION', 'CONVERSATION', 'SUBJECT', 'FLEET'));
ALTER TABLE "erasure" ADD CONSTRAINT "erasure_scope_check" CHECK ("scope" IN ('DECISION', 'CONVERSATION', 'SUBJECT'));
ALTER TABLE "erasure" ADD CONSTRAINT "erasure_state_check" CHECK ("state" IN ('PENDING', 'ERASING', 'DONE', 'REJECTED'));

-- What one conversation or one user of an agent is about is asked for by people who have a right to know.
CREATE INDEX "decision_conversation_idx" ON "decision" ("fleet_id", "conversation_id") WHERE "conversation_id" IS NOT NULL;
CREATE INDEX "decision_user_idx" ON "decision" ("fleet_id", "user_id") WHERE "user_id" IS NOT NULL;

-- A request that holds something erased is emptied once all of it is worked off.
ALTER TABLE "journal" ADD COLUMN "is_erased" BOOLEAN NOT NULL DEFAULT false;

-- The planner keeps samples of the values of every column it has statistics of, where no erasure reaches them. Changing a
-- column's type to what it is drops the samples it has.
ALTER TABLE "decision"
  ALTER COLUMN "input" TYPE TEXT, ALTER COLUMN "output" TYPE TEXT, ALTER COLUMN "error_message" TYPE TEXT,
  ALTER COLUMN "salt" TYPE BYTEA;
ALTER TABLE "decision"
  ALTER COLUMN "input" SET STATISTICS 0, ALTER COLUMN "output" SET STATISTICS 0,
  ALTER COLUMN "error_message" SET STATISTICS 0, ALTER COLUMN "salt" SET STATISTICS 0,
  ALTER COLUMN "user_id" SET STATISTICS 0;
ALTER TABLE "step"
  ALTER COLUMN "arguments" TYPE TEXT, ALTER COLUMN "result" TYPE TEXT, ALTER COLUMN "input" TYPE TEXT,
  ALTER COLUMN "output" TYPE TEXT, ALTER COLUMN "error_message" TYPE TEXT, ALTER COLUMN "salt" TYPE BYTEA;
ALTER TABLE "step"
  ALTER COLUMN "arguments" SET STATISTICS 0, ALTER COLUMN "result" SET STATISTICS 0, ALTER COLUMN "input" SET STATISTICS 0,
  ALTER COLUMN "output" SET STATISTICS 0, ALTER COLUMN "error_message" SET STATISTICS 0, ALTER COLUMN "salt" SET STATISTICS 0;
ALTER TABLE "journal" ALTER COLUMN "body" TYPE BYTEA;
ALTER TABLE "journal" ALTER COLUMN "body" SET STATISTICS 0;
ALTER TABLE "anomaly" ALTER COLUMN "quotes" TYPE JSONB;
ALTER TABLE "anomaly" ALTER COLUMN "quotes" SET STATISTICS 0;
ALTER TABLE "detector_memory" ALTER COLUMN "state" TYPE TEXT;
ALTER TABLE "detector_memory" ALTER COLUMN "state" SET STATISTICS 0;
ALTER TABLE "data_subject" ALTER COLUMN "user_id" SET STATISTICS 0;
ALTER TABLE "erasure" ALTER COLUMN "target" SET STATISTICS 0;
ALTER TABLE "legal_hold" ALTER COLUMN "target" SET STATISTICS 0;

-- A partition does not inherit what statistics its parent keeps.
CREATE OR REPLACE FUNCTION "make_day_partitions"("first" date, "days" integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  parent text;
  day date;
  partition text;
  hidden text;
BEGIN
  PERFORM pg_advisory_xact_lock(4201988119);
  FOREACH parent IN ARRAY ARRAY['decision_high_risk', 'decision_routine', 'decision_admin', 'step_high_risk', 'step_routine', 'step_admin'] LOOP
    FOR day IN SELECT "first" + n FROM generate_series(0, "days" - 1) AS n LOOP
      partition := parent || '_' || to_char(day, 'YYYYMMDD');
      CONTINUE WHEN to_regclass('public.' || partition) IS NOT NULL;
      EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', partition, parent);
      SELECT string_agg(format('ALTER COLUMN %I SET STATISTICS 0', attname), ', ') INTO hidden
        FROM pg_attribute WHERE attrelid = to_regclass('public.' || parent) AND attnum > 0 AND attstattarget = 0;
      EXECUTE format('ALTER TABLE %I %s', partition, hidden);
      EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, partition, day, day + 1);
    END LOOP;
  END LOOP;
END
$$;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_server') THEN
    GRANT SELECT, INSERT, UPDATE ON "legal_hold", "erasure" TO "midwatch_server";
    GRANT SELECT, INSERT ON "erased_decision" TO "midwatch_server";
    GRANT SELECT, INSERT, UPDATE, DELETE ON "erasure_mark", "data_subject" TO "midwatch_server";
    GRANT USAGE ON SEQUENCE "legal_hold_id_seq", "erasure_id_seq" TO "midwatch_server";
  END IF;
END
$$;
