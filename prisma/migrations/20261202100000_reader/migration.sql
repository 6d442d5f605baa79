-- What auditors and BI tools read in the database itself: rows of the fleets that their login was given, and no content.

-- CreateTable
CREATE TABLE "reader_fleet" (
    "login" TEXT NOT NULL,
    "fleet_id" TEXT NOT NULL,

    CONSTRAINT "reader_fleet_pkey" PRIMARY KEY ("login","fleet_id")
);


-- What Prisma cannot say.

-- Views, not policies on the tables: PostgreSQL refuses COPY into a table with row security to whoever does not own it, and
-- that is how decisions and entries are written. Which fleets a login reads is a row, since whoever reads could change a setting.
CREATE SCHEMA "reader";

CREATE VIEW "reader"."fleet" WITH (security_barrier = true) AS
  SELECT "id", "created_at" FROM "public"."fleet"
  WHERE "id" = ANY(ARRAY(SELECT known."id" FROM "public"."reader_fleet" given JOIN "public"."fleet" known
    ON given."fleet_id" IN (known."id", '*') WHERE given."login" = session_user));

CREATE VIEW "reader"."agent" WITH (security_barrier = true) AS
  SELECT "fleet_id", "name", "version", "region", "environment", "models", "first_seen_at", "last_seen_at"
  FROM "public"."agent" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."decision" WITH (security_barrier = true) AS
  SELECT "fleet_id", "id", "seq", "sealed_on", "trace_id", "span_id", "parent_span_id", "parent_id", "agent",
    "agent_version", "fingerprint", "request_type", "risk_class", "customer_segment", "conversation_id", "provider",
    "model", "region", "environment", "started_at", "ended_at", "latency_ms", "queue_ms", "time_to_first_token_ms",
    "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "cost_usd",
    "cost_source", "outcome", "error_type", "hallucination_score", "tool_calls", "failed_tool_calls", "sampled",
    "complete", "step_count", "byte_count"
  FROM "public"."decision" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."step" WITH (security_barrier = true) AS
  SELECT "fleet_id", "decision_id", "risk_class", "sealed_on", "index", "kind", "name", "started_at", "duration_ms",
    "provider", "model", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
    "reasoning_tokens", "cost_usd", "tool_name", "outcome", "span_id", "digest"
  FROM "public"."step" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."anomaly" WITH (security_barrier = true) AS
  SELECT "fleet_id", "seq", "kind", "incident", "severity", "agent", "decision_id", "customer_segment", "metric",
    "observed", "expected", "score", "detected_at", "summary", "evidence"
  FROM "public"."anomaly" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."alert" WITH (security_barrier = true) AS
  SELECT "fleet_id", "seq", "rule", "condition", "severity", "state", "labels", "agent", "customer_segment",
    "anomaly_kind", "summary", "value", "threshold", "started_at", "fired_at", "resolved_at", "reopened",
    "acknowledged_at", "acknowledged_by", "decision_ids", "victims"
  FROM "public"."alert" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."alert_change" WITH (security_barrier = true) AS
  SELECT "fleet_id", "seq", "alert_seq", "change", "at", "actor", "comment"
  FROM "public"."alert_change" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."alert_rule" WITH (security_barrier = true) AS
  SELECT "fleet_id", "name", "fields", "updated_at", "updated_by"
  FROM "public"."alert_rule" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."silence" WITH (security_barrier = true) AS
  SELECT "fleet_id", "id", "matchers", "reason", "created_by", "created_at", "starts_at", "ends_at"
  FROM "public"."silence" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."metric_slice" WITH (security_barrier = true) AS
  SELECT "fleet_id", "id", "source", "agent", "caller", "model", "provider", "customer_segment", "region",
    "environment", "request_type", "agent_version", "fingerprint", "risk_class", "outcome", "folded", "first_at"
  FROM "public"."metric_slice" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."rollup_delta" WITH (security_barrier = true) AS
  SELECT "fleet_id", "bucket", "slice_id", "decisions", "errors", "priced", "unpriced", "unpriced_tokens",
    "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "tool_calls",
    "failed_tool_calls", "cost_usd", "steps", "bytes", "kept_decisions", "kept_steps", "kept_bytes"
  FROM "public"."rollup_delta" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."rollup_minute" WITH (security_barrier = true) AS
  SELECT "fleet_id", "bucket", "slice_id", "decisions", "errors", "priced", "unpriced", "unpriced_tokens",
    "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "tool_calls",
    "failed_tool_calls", "cost_usd", "steps", "bytes", "kept_decisions", "kept_steps", "kept_bytes"
  FROM "public"."rollup_minute" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."rollup_hour" WITH (security_barrier = true) AS
  SELECT "fleet_id", "bucket", "slice_id", "decisions", "errors", "priced", "unpriced", "unpriced_tokens",
    "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "tool_calls",
    "failed_tool_calls", "cost_usd", "steps", "bytes", "kept_decisions", "kept_steps", "kept_bytes"
  FROM "public"."rollup_hour" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."rollup_day" WITH (security_barrier = true) AS
  SELECT "fleet_id", "bucket", "slice_id", "decisions", "errors", "priced", "unpriced", "unpriced_tokens",
    "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "tool_calls",
    "failed_tool_calls", "cost_usd", "steps", "bytes", "kept_decisions", "kept_steps", "kept_bytes"
  FROM "public"."rollup_day" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."provider_usage" WITH (security_barrier = true) AS
  SELECT "fleet_id", "source", "provider", "day", "model", "requests", "input_tokens", "output_tokens",
    "cache_read_tokens", "cache_write_tokens", "cost_usd", "fetched_at"
  FROM "public"."provider_usage" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."legal_hold" WITH (security_barrier = true) AS
  SELECT "fleet_id", "id", "scope", "reference", "placed_by", "placed_at", "released_by", "released_at"
  FROM "public"."legal_hold" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."erasure" WITH (security_barrier = true) AS
  SELECT "fleet_id", "id", "scope", "reference", "basis", "state", "requested_by", "requested_at", "decided_by",
    "decided_at", "decisions", "ended_at"
  FROM "public"."erasure" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."erased_decision" WITH (security_barrier = true) AS
  SELECT "fleet_id", "decision_id", "erasure_id", "erased_at"
  FROM "public"."erased_decision" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."report" WITH (security_barrier = true) AS
  SELECT "fleet_id", "id", "state", "requested_by", "requested_at", "finished_at", "pages", "decisions", "sha256",
    "entry_seq"
  FROM "public"."report" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."ledger_entry" WITH (security_barrier = true) AS
  SELECT "fleet_id", "seq", "kind", "subject", "recorded_at", "canonical", "previous_hash", "hash"
  FROM "public"."ledger_entry" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."ledger_head" WITH (security_barrier = true) AS
  SELECT "fleet_id", "size", "hash", "epoch"
  FROM "public"."ledger_head" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."ledger_tile" WITH (security_barrier = true) AS
  SELECT "fleet_id", "level", "index", "hashes", "root"
  FROM "public"."ledger_tile" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."ledger_checkpoint" WITH (security_barrier = true) AS
  SELECT "fleet_id", "size", "root_hash", "note", "key_id", "signed_at", "cosignatures", "witnessed_at", "root_seq"
  FROM "public"."ledger_checkpoint" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."ledger_key" WITH (security_barrier = true) AS
  SELECT "fleet_id", "public_key", "from_size", "to_size", "created_at", "revoked_at"
  FROM "public"."ledger_key" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));

CREATE VIEW "reader"."ledger_contradiction" WITH (security_barrier = true) AS
  SELECT "fleet_id", "witness", "found_at", "kind", "witness_size", "own_size", "evidence", "over_at", "over_by"
  FROM "public"."ledger_contradiction" WHERE "fleet_id" = ANY(ARRAY(SELECT "id" FROM "reader"."fleet"));
