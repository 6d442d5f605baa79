-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "fleet" (
    "id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "fleet_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_key" (
    "id" TEXT NOT NULL,
    "fleet_id" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "journal" (
    "id" BIGSERIAL NOT NULL,
    "fleet_id" TEXT NOT NULL,
    "signal" TEXT NOT NULL,
    "encoding" TEXT NOT NULL,
    "is_gzip" BOOLEAN NOT NULL,
    "body" BYTEA NOT NULL,
    "body_hash" BYTEA NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "done_at" TIMESTAMPTZ(3),

    CONSTRAINT "journal_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agent" (
    "fleet_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "version" TEXT,
    "region" TEXT,
    "environment" TEXT,
    "models" TEXT[],
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "agent_pkey" PRIMARY KEY ("fleet_id","name")
);

-- CreateTable
CREATE TABLE "decision" (
    "fleet_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "trace_id" TEXT,
    "span_id" TEXT,
    "parent_span_id" TEXT,
    "parent_id" TEXT,
    "agent" TEXT NOT NULL,
    "agent_version" TEXT,
    "request_type" TEXT,
    "risk_class" TEXT NOT NULL,
    "customer_segment" TEXT,
    "conversation_id" TEXT,
    "user_id" TEXT,
    "provider" TEXT,
    "model" TEXT,
    "region" TEXT,
    "environment" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL,
    "latency_ms" DOUBLE PRECISION NOT NULL,
    "queue_ms" DOUBLE PRECISION,
    "time_to_first_token_ms" DOUBLE PRECISION,
    "input_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "cache_read_tokens" BIGINT NOT NULL,
    "cache_write_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "cost_usd" DECIMAL,
    "outcome" TEXT NOT NULL,
    "error_type" TEXT,
    "error_message" TEXT,
    "hallucination_score" DOUBLE PRECISION,
    "tool_calls" INTEGER NOT NULL,
    "failed_tool_calls" INTEGER NOT NULL,
    "sampled" BOOLEAN NOT NULL,
    "complete" BOOLEAN NOT NULL,
    "input" TEXT,
    "output" TEXT,
    "salt" BYTEA,
    "span_ids" BYTEA NOT NULL,
    "journal_ids" BIGINT[],
    "revision_hash" BYTEA NOT NULL,

    CONSTRAINT "decision_pkey" PRIMARY KEY ("fleet_id","id")
);

-- CreateTable
CREATE TABLE "step" (
    "fleet_id" TEXT NOT NULL,
    "decision_id" TEXT NOT NULL,
    "index" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "duration_ms" DOUBLE PRECISION NOT NULL,
    "provider" TEXT,
    "model" TEXT,
    "input_tokens" BIGINT,
    "output_tokens" BIGINT,
    "cache_read_tokens" BIGINT,
    "cache_write_tokens" BIGINT,
    "reasoning_tokens" BIGINT,
    "cost_usd" DECIMAL,
    "tool_name" TEXT,
    "arguments" TEXT,
    "result" TEXT,
    "input" TEXT,
    "output" TEXT,
    "outcome" TEXT NOT NULL,
    "error_message" TEXT,
    "span_id" TEXT,
    "salt" BYTEA,
    "digest" BYTEA NOT NULL,

    CONSTRAINT "step_pkey" PRIMARY KEY ("fleet_id","decision_id","index")
);

-- CreateTable
CREATE TABLE "ledger_entry" (
    "fleet_id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,
    "canonical" TEXT NOT NULL,
    "previous_hash" BYTEA NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "ledger_entry_pkey" PRIMARY KEY ("fleet_id","seq")
);

-- CreateIndex
CREATE UNIQUE INDEX "api_key_hash_key" ON "api_key"("hash");

-- CreateIndex
CREATE INDEX "api_key_fleet_id_created_at_idx" ON "api_key"("fleet_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "journal_fleet_id_signal_body_hash_key" ON "journal"("fleet_id", "signal", "body_hash");

-- CreateIndex
CREATE INDEX "decision_fleet_id_started_at_id_idx" ON "decision"("fleet_id", "started_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "decision_fleet_id_agent_started_at_id_idx" ON "decision"("fleet_id", "agent", "started_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "decision_fleet_id_trace_id_idx" ON "decision"("fleet_id", "trace_id");

-- CreateIndex
CREATE UNIQUE INDEX "decision_fleet_id_seq_key" ON "decision"("fleet_id", "seq");

-- CreateIndex
CREATE INDEX "ledger_entry_fleet_id_subject_seq_idx" ON "ledger_entry"("fleet_id", "subject", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_entry_fleet_id_previous_hash_key" ON "ledger_entry"("fleet_id", "previous_hash");


-- What Prisma cannot say.

-- Only requests with traces are worked off: metrics and logs are never done, and neither query may wade through them.
-- For the replay at start.
CREATE INDEX "journal_pending_idx" ON "journal" ("id") WHERE "done_at" IS NULL AND "signal" = 'traces';
-- For the sweep.
CREATE INDEX "journal_done_idx" ON "journal" ("done_at") WHERE "done_at" IS NOT NULL AND "signal" = 'traces';
-- The children of a decision: most decisions have no parent.
CREATE INDEX "decision_parent_idx" ON "decision" ("fleet_id", "parent_id") WHERE "parent_id" IS NOT NULL;
-- Bodies are compressed already, or short.
ALTER TABLE "journal" ALTER COLUMN "body" SET STORAGE EXTERNAL;

ALTER TABLE "journal" ADD CONSTRAINT "journal_signal_check" CHECK ("signal" IN ('traces', 'metrics', 'logs'));
ALTER TABLE "journal" ADD CONSTRAINT "journal_encoding_check" CHECK ("encoding" IN ('protobuf', 'json'));
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_role_check"
  CHECK ("role" IN ('INGEST', 'VIEWER', 'OPERATOR', 'AUDITOR', 'ADMIN'));

-- An entry whose hash is not that of its bytes cannot be written.
ALTER TABLE "ledger_entry" ADD CONSTRAINT "ledger_entry_hash_check"
  CHECK ("hash" = sha256('\x00'::bytea || convert_to("canonical", 'UTF8')));
ALTER TABLE "ledger_entry" ADD CONSTRAINT "ledger_entry_chain_check"
  CHECK ("seq" >= 0 AND length("previous_hash") = 32
    AND ("seq" > 0 OR "previous_hash" = decode(repeat('00', 32), 'hex')));

-- The ledger is append-only for everybody, whatever their grants and whatever session_replication_role says.
CREATE FUNCTION "refuse_ledger_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER "ledger_entry_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_entry"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_ledger_change"();
ALTER TABLE "ledger_entry" ENABLE ALWAYS TRIGGER "ledger_entry_append_only";

-- The server works as this role where the login that migrates may create it: it owns nothing and may not change the ledger.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_server') THEN
    CREATE ROLE "midwatch_server" NOLOGIN;
  END IF;
EXCEPTION
  WHEN insufficient_privilege THEN RAISE NOTICE 'role midwatch_server was not created: the server works as its login';
  WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;
-- Since PostgreSQL 16 whoever creates a role may administer it, but not take it on.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_server') THEN
    GRANT "midwatch_server" TO CURRENT_USER;
  END IF;
EXCEPTION
  -- The role is another login's, or the login itself; or a server on another database grants it at this moment.
  WHEN insufficient_privilege OR invalid_grant_operation OR unique_violation THEN NULL;
END
$$;
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_server') THEN
    GRANT USAGE ON SCHEMA "public" TO "midwatch_server";
    GRANT SELECT, INSERT, UPDATE, DELETE ON "fleet", "api_key", "journal", "agent", "decision", "step" TO "midwatch_server";
    GRANT SELECT, INSERT ON "ledger_entry" TO "midwatch_server";
    GRANT USAGE ON SEQUENCE "journal_id_seq" TO "midwatch_server";
  END IF;
END
$$;

INSERT INTO "fleet" ("id") VALUES ('default');
