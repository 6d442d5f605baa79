-- Decisions and steps by day and risk class, so that what retention removes is whole partitions; rollups; providers' figures.

ALTER TABLE "decision" RENAME TO "decision_before";
ALTER TABLE "decision_before" DROP CONSTRAINT "decision_pkey";
DROP INDEX "decision_fleet_id_started_at_id_idx", "decision_fleet_id_agent_started_at_id_idx",
  "decision_fleet_id_trace_id_idx", "decision_fleet_id_seq_key", "decision_parent_idx";
ALTER TABLE "step" RENAME TO "step_before";
ALTER TABLE "step_before" DROP CONSTRAINT "step_pkey";

CREATE TABLE "decision" (
    "fleet_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "sealed_on" DATE NOT NULL,
    "trace_id" TEXT,
    "span_id" TEXT,
    "parent_span_id" TEXT,
    "parent_id" TEXT,
    "agent" TEXT NOT NULL,
    "agent_version" TEXT,
    "fingerprint" TEXT,
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
    "cost_source" TEXT,
    "calls" JSONB NOT NULL,
    "outcome" TEXT NOT NULL,
    "error_type" TEXT,
    "error_message" TEXT,
    "hallucination_score" DOUBLE PRECISION,
    "tool_calls" INTEGER NOT NULL,
    "failed_tool_calls" INTEGER NOT NULL,
    "sampled" BOOLEAN NOT NULL,
    "step_count" INTEGER NOT NULL,
    "byte_count" INTEGER NOT NULL,
    "complete" BOOLEAN NOT NULL,
    "input" TEXT,
    "output" TEXT,
    "salt" BYTEA,
    "span_ids" BYTEA NOT NULL,
    "journal_ids" BIGINT[],
    "revision_hash" BYTEA NOT NULL,

    CONSTRAINT "decision_pkey" PRIMARY KEY ("fleet_id","id","risk_class","sealed_on")
) PARTITION BY LIST ("risk_class");

CREATE TABLE "step" (
    "fleet_id" TEXT NOT NULL,
    "decision_id" TEXT NOT NULL,
    "risk_class" TEXT NOT NULL,
    "sealed_on" DATE NOT NULL,
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

    CONSTRAINT "step_pkey" PRIMARY KEY ("fleet_id","decision_id","risk_class","sealed_on","index")
) PARTITION BY LIST ("risk_class");

-- CreateIndex
CREATE INDEX "decision_fleet_id_started_at_id_idx" ON "decision"("fleet_id", "started_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "decision_fleet_id_agent_started_at_id_idx" ON "decision"("fleet_id", "agent", "started_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "decision_fleet_id_trace_id_idx" ON "decision"("fleet_id", "trace_id");

-- CreateIndex
CREATE INDEX "decision_fleet_id_seq_idx" ON "decision"("fleet_id", "seq");

-- The children of a decision: most decisions have no parent.
CREATE INDEX "decision_parent_idx" ON "decision" ("fleet_id", "parent_id") WHERE "parent_id" IS NOT NULL;
-- For failures that travelled: few decisions fail.
CREATE INDEX "decision_failed_idx" ON "decision" ("fleet_id", "started_at" DESC, "id" DESC) WHERE "outcome" = 'ERROR';

CREATE TABLE "decision_high_risk" PARTITION OF "decision" FOR VALUES IN ('HIGH_RISK') PARTITION BY RANGE ("sealed_on");
CREATE TABLE "decision_routine" PARTITION OF "decision" FOR VALUES IN ('ROUTINE') PARTITION BY RANGE ("sealed_on");
CREATE TABLE "decision_admin" PARTITION OF "decision" FOR VALUES IN ('ADMIN') PARTITION BY RANGE ("sealed_on");
CREATE TABLE "step_high_risk" PARTITION OF "step" FOR VALUES IN ('HIGH_RISK') PARTITION BY RANGE ("sealed_on");
CREATE TABLE "step_routine" PARTITION OF "step" FOR VALUES IN ('ROUTINE') PARTITION BY RANGE ("sealed_on");
CREATE TABLE "step_admin" PARTITION OF "step" FOR VALUES IN ('ADMIN') PARTITION BY RANGE ("sealed_on");

-- Makes the partitions of `days` days from `first` on, where they are missing. Attaching blocks neither readers nor writers.
-- It runs as its owner, since the server's role owns nothing.
CREATE FUNCTION "make_day_partitions"("first" date, "days" integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  parent text;
  day date;
  partition text;
BEGIN
  PERFORM pg_advisory_xact_lock(4201988119);
  FOREACH parent IN ARRAY ARRAY['decision_high_risk', 'decision_routine', 'decision_admin', 'step_high_risk', 'step_routine', 'step_admin'] LOOP
    FOR day IN SELECT "first" + n FROM generate_series(0, "days" - 1) AS n LOOP
      partition := parent || '_' || to_char(day, 'YYYYMMDD');
      CONTINUE WHEN to_regclass('public.' || partition) IS NOT NULL;
      EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', partition, parent);
      EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, partition, day, day + 1);
    END LOOP;
  END LOOP;
END
$$;

-- Drops the partitions of one risk class whose days are before `until`; returns the days dropped.
CREATE FUNCTION "drop_day_partitions"("class" text, "until" date) RETURNS SETOF date
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  parent text;
  partition text;
  day date;
BEGIN
  PERFORM pg_advisory_xact_lock(4201988119);
  FOREACH parent IN ARRAY ARRAY['decision_' || lower("class"), 'step_' || lower("class")] LOOP
    FOR partition IN
      SELECT child.relname FROM pg_inherits
      JOIN pg_class child ON child.oid = inhrelid JOIN pg_class above ON above.oid = inhparent
      WHERE above.relname = parent AND above.relnamespace = 'public'::regnamespace ORDER BY child.relname
    LOOP
      day := to_date(right(partition, 8), 'YYYYMMDD');
      CONTINUE WHEN day >= "until";
      EXECUTE format('DROP TABLE %I', partition);
      IF parent LIKE 'decision%' THEN RETURN NEXT day; END IF;
    END LOOP;
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION "make_day_partitions"(date, integer), "drop_day_partitions"(text, date) FROM PUBLIC;

-- What was sealed before lies under the day of its entry.
DO $$
DECLARE
  day date;
BEGIN
  FOR day IN SELECT DISTINCT ("recorded_at" AT TIME ZONE 'UTC')::date FROM "ledger_entry" LOOP
    PERFORM "make_day_partitions"(day, 1);
  END LOOP;
END
$$;
INSERT INTO "decision" ("fleet_id", "id", "seq", "sealed_on", "trace_id", "span_id", "parent_span_id", "parent_id", "agent",
  "agent_version", "fingerprint", "request_type", "risk_class", "customer_segment", "conversation_id", "user_id", "provider",
  "model", "region", "environment", "started_at", "ended_at", "latency_ms", "queue_ms", "time_to_first_token_ms",
  "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "cost_usd",
  "cost_source", "calls", "outcome", "error_type", "error_message", "hallucination_score", "tool_calls", "failed_tool_calls", "sampled",
  "step_count", "byte_count", "complete", "input", "output", "salt", "span_ids", "journal_ids", "revision_hash")
SELECT d."fleet_id", d."id", d."seq", (e."recorded_at" AT TIME ZONE 'UTC')::date, "trace_id", "span_id", "parent_span_id",
  "parent_id", "agent", "agent_version", NULL, "request_type", "risk_class", "customer_segment", "conversation_id",
  "user_id", "provider", "model", "region", "environment", "started_at", "ended_at", "latency_ms", "queue_ms",
  "time_to_first_token_ms", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
  "reasoning_tokens", "cost_usd", CASE WHEN "cost_usd" <> coalesce(chain."cost", -1) THEN 'OWN' END,
  coalesce(chain."calls", '[]'), "outcome", "error_type", "error_message",
  "hallucination_score", "tool_calls", "failed_tool_calls", "sampled", coalesce(chain."steps", 0),
  coalesce(chain."bytes", 0) + octet_length(coalesce("input", '')) + octet_length(coalesce("output", '')), "complete",
  "input", "output", "salt", "span_ids", "journal_ids", "revision_hash"
FROM "decision_before" d
JOIN "ledger_entry" e ON e."fleet_id" = d."fleet_id" AND e."seq" = d."seq"
LEFT JOIN LATERAL (
  SELECT count(*) AS "steps",
    sum(octet_length(concat("arguments", "result", s."input", s."output", s."error_message"))) AS "bytes",
    jsonb_agg(jsonb_build_object('provider', s."provider", 'model', s."model", 'requestModel', NULL,
      'startedAtMs', extract(epoch FROM s."started_at") * 1000,
      'durationMs', CASE WHEN s."kind" = 'MODEL_CALL' THEN s."duration_ms" END,
      'tokens', CASE WHEN s."input_tokens" IS NOT NULL THEN jsonb_build_object('input', s."input_tokens",
        'output', s."output_tokens", 'cacheRead', s."cache_read_tokens", 'cacheWrite', s."cache_write_tokens",
        'reasoning', s."reasoning_tokens") END,
      -- Where a cost was from was not kept: a price that is known replaces it, else it stays.
      'costUsd', s."cost_usd"::text, 'costSource', CASE WHEN s."cost_usd" IS NOT NULL THEN 'REPORTED' END,
      'reportedUsd', s."cost_usd"::text)
      ORDER BY "index") FILTER (WHERE s."kind" = 'MODEL_CALL' OR s."input_tokens" IS NOT NULL OR s."cost_usd" IS NOT NULL)
      AS "calls",
    sum(s."cost_usd") AS "cost"
  FROM "step_before" s WHERE s."fleet_id" = d."fleet_id" AND s."decision_id" = d."id"
) chain ON TRUE;
INSERT INTO "step" ("fleet_id", "decision_id", "risk_class", "sealed_on", "index", "kind", "name", "started_at",
  "duration_ms", "provider", "model", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
  "reasoning_tokens", "cost_usd", "tool_name", "arguments", "result", "input", "output", "outcome", "error_message",
  "span_id", "salt", "digest")
SELECT s."fleet_id", s."decision_id", d."risk_class", d."sealed_on", s."index", s."kind", s."name", s."started_at",
  s."duration_ms", s."provider", s."model", s."input_tokens", s."output_tokens", s."cache_read_tokens",
  s."cache_write_tokens", s."reasoning_tokens", s."cost_usd", s."tool_name", s."arguments", s."result", s."input",
  s."output", s."outcome", s."error_message", s."span_id", s."salt", s."digest"
FROM "step_before" s JOIN "decision" d ON d."fleet_id" = s."fleet_id" AND d."id" = s."decision_id";
DROP TABLE "step_before", "decision_before";

-- One combination of dimension values that figures are kept for. Values beyond the bound are folded into `other`; '' is none.
CREATE TABLE "metric_slice" (
    "id" SERIAL NOT NULL,
    "fleet_id" TEXT NOT NULL,
    "key" BYTEA NOT NULL,
    "source" TEXT NOT NULL,
    "agent" TEXT NOT NULL,
    "caller" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "customer_segment" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "environment" TEXT NOT NULL,
    "request_type" TEXT NOT NULL,
    "agent_version" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "risk_class" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "folded" TEXT[],
    "first_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "metric_slice_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "metric_slice_fleet_id_key_key" ON "metric_slice"("fleet_id", "key");
-- What lies beyond the bound on cardinality: in most fleets nothing.
CREATE INDEX "metric_slice_folded_idx" ON "metric_slice" ("fleet_id") WHERE "folded" <> '{}';

-- What came since the last compaction; every figure of a range is its rollups and these together.
CREATE TABLE "rollup_delta" (
    "id" BIGSERIAL NOT NULL,
    "fleet_id" TEXT NOT NULL,
    "bucket" TIMESTAMPTZ(3) NOT NULL,
    "slice_id" INTEGER NOT NULL,
    "decisions" BIGINT NOT NULL,
    "errors" BIGINT NOT NULL,
    "priced" BIGINT NOT NULL,
    "unpriced" BIGINT NOT NULL,
    "unpriced_tokens" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "cache_read_tokens" BIGINT NOT NULL,
    "cache_write_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "tool_calls" BIGINT NOT NULL,
    "failed_tool_calls" BIGINT NOT NULL,
    "cost_usd" DECIMAL NOT NULL,
    "steps" BIGINT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "kept_decisions" BIGINT NOT NULL,
    "kept_steps" BIGINT NOT NULL,
    "kept_bytes" BIGINT NOT NULL,
    "latency" BYTEA,
    "inference_latency" BYTEA,
    "queue_time" BYTEA,
    "time_to_first_token" BYTEA,
    "token_usage" BYTEA,
    "cost" BYTEA,
    "hallucination_score" BYTEA,
    "tool_invocations" BYTEA,

    CONSTRAINT "rollup_delta_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "rollup_delta_fleet_id_bucket_idx" ON "rollup_delta"("fleet_id", "bucket");

CREATE TABLE "rollup_minute" (
    "fleet_id" TEXT NOT NULL,
    "bucket" TIMESTAMPTZ(3) NOT NULL,
    "slice_id" INTEGER NOT NULL,
    "decisions" BIGINT NOT NULL,
    "errors" BIGINT NOT NULL,
    "priced" BIGINT NOT NULL,
    "unpriced" BIGINT NOT NULL,
    "unpriced_tokens" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "cache_read_tokens" BIGINT NOT NULL,
    "cache_write_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "tool_calls" BIGINT NOT NULL,
    "failed_tool_calls" BIGINT NOT NULL,
    "cost_usd" DECIMAL NOT NULL,
    "steps" BIGINT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "kept_decisions" BIGINT NOT NULL,
    "kept_steps" BIGINT NOT NULL,
    "kept_bytes" BIGINT NOT NULL,
    "latency" BYTEA,
    "inference_latency" BYTEA,
    "queue_time" BYTEA,
    "time_to_first_token" BYTEA,
    "token_usage" BYTEA,
    "cost" BYTEA,
    "hallucination_score" BYTEA,
    "tool_invocations" BYTEA,

    CONSTRAINT "rollup_minute_pkey" PRIMARY KEY ("fleet_id","bucket","slice_id")
);

CREATE TABLE "rollup_hour" (
    "fleet_id" TEXT NOT NULL,
    "bucket" TIMESTAMPTZ(3) NOT NULL,
    "slice_id" INTEGER NOT NULL,
    "decisions" BIGINT NOT NULL,
    "errors" BIGINT NOT NULL,
    "priced" BIGINT NOT NULL,
    "unpriced" BIGINT NOT NULL,
    "unpriced_tokens" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "cache_read_tokens" BIGINT NOT NULL,
    "cache_write_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "tool_calls" BIGINT NOT NULL,
    "failed_tool_calls" BIGINT NOT NULL,
    "cost_usd" DECIMAL NOT NULL,
    "steps" BIGINT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "kept_decisions" BIGINT NOT NULL,
    "kept_steps" BIGINT NOT NULL,
    "kept_bytes" BIGINT NOT NULL,
    "latency" BYTEA,
    "inference_latency" BYTEA,
    "queue_time" BYTEA,
    "time_to_first_token" BYTEA,
    "token_usage" BYTEA,
    "cost" BYTEA,
    "hallucination_score" BYTEA,
    "tool_invocations" BYTEA,

    CONSTRAINT "rollup_hour_pkey" PRIMARY KEY ("fleet_id","bucket","slice_id")
);

CREATE TABLE "rollup_day" (
    "fleet_id" TEXT NOT NULL,
    "bucket" TIMESTAMPTZ(3) NOT NULL,
    "slice_id" INTEGER NOT NULL,
    "decisions" BIGINT NOT NULL,
    "errors" BIGINT NOT NULL,
    "priced" BIGINT NOT NULL,
    "unpriced" BIGINT NOT NULL,
    "unpriced_tokens" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "cache_read_tokens" BIGINT NOT NULL,
    "cache_write_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "tool_calls" BIGINT NOT NULL,
    "failed_tool_calls" BIGINT NOT NULL,
    "cost_usd" DECIMAL NOT NULL,
    "steps" BIGINT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "kept_decisions" BIGINT NOT NULL,
    "kept_steps" BIGINT NOT NULL,
    "kept_bytes" BIGINT NOT NULL,
    "latency" BYTEA,
    "inference_latency" BYTEA,
    "queue_time" BYTEA,
    "time_to_first_token" BYTEA,
    "token_usage" BYTEA,
    "cost" BYTEA,
    "hallucination_score" BYTEA,
    "tool_invocations" BYTEA,

    CONSTRAINT "rollup_day_pkey" PRIMARY KEY ("fleet_id","bucket","slice_id")
);

-- From when on the rollups of a tier are whole: retention has dropped what is before. No row: nothing was dropped.
CREATE TABLE "rollup_horizon" (
    "tier" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "rollup_horizon_pkey" PRIMARY KEY ("tier")
);

-- Sketches hold little that compresses, and short rows are read without a detour.
ALTER TABLE "rollup_minute" SET (fillfactor = 80);
ALTER TABLE "rollup_hour" SET (fillfactor = 80);
ALTER TABLE "rollup_day" SET (fillfactor = 80);

-- The last point of each cumulative OTLP metric series, from which the next one's difference is taken.
CREATE TABLE "metric_series" (
    "fleet_id" TEXT NOT NULL,
    "key" BYTEA NOT NULL,
    "start_at" TIMESTAMPTZ(6) NOT NULL,
    "last_at" TIMESTAMPTZ(6) NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "metric_series_pkey" PRIMARY KEY ("fleet_id","key")
);
CREATE INDEX "metric_series_last_at_idx" ON "metric_series"("last_at");

-- What a provider itself says was used and billed, by day, model and key.
CREATE TABLE "provider_usage" (
    "fleet_id" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "model" TEXT NOT NULL,
    "api_key" TEXT NOT NULL,
    "requests" BIGINT,
    "input_tokens" BIGINT,
    "output_tokens" BIGINT,
    "cache_read_tokens" BIGINT,
    "cache_write_tokens" BIGINT,
    "cost_usd" DECIMAL,
    "fetched_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "provider_usage_pkey" PRIMARY KEY ("fleet_id","source","day","model","api_key")
);
CREATE INDEX "provider_usage_fleet_id_day_idx" ON "provider_usage"("fleet_id", "day");

-- Where the pull of a provider's figures goes on.
CREATE TABLE "provider_cursor" (
    "fleet_id" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "settled_until" DATE,
    "pulled_at" TIMESTAMPTZ(3),
    "error" TEXT,

    CONSTRAINT "provider_cursor_pkey" PRIMARY KEY ("fleet_id","source")
);

-- Every signal is worked off now.
DROP INDEX "journal_pending_idx";
CREATE INDEX "journal_pending_idx" ON "journal" ("id") WHERE "done_at" IS NULL;
DROP INDEX "journal_done_idx";
CREATE INDEX "journal_done_idx" ON "journal" ("done_at") WHERE "done_at" IS NOT NULL;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_server') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON "decision", "step", "metric_slice", "rollup_delta", "rollup_minute",
      "rollup_hour", "rollup_day", "rollup_horizon", "metric_series", "provider_usage", "provider_cursor" TO "midwatch_server";
    GRANT USAGE ON SEQUENCE "metric_slice_id_seq", "rollup_delta_id_seq" TO "midwatch_server";
    GRANT EXECUTE ON FUNCTION "make_day_partitions"(date, integer), "drop_day_partitions"(text, date) TO "midwatch_server";
  END IF;
END
$$;

-- A week ahead from the start; the server goes on from here.
SELECT "make_day_partitions"((now() AT TIME ZONE 'UTC')::date - 1, 9);
