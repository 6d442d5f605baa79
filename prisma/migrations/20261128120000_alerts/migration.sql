-- Alerts: the rules people make over the API, where each group stands under each rule, what fired, and what happened to it.

-- How many changes of alerts the fleet has had: places are given out while its row is locked, so that they follow the commits.
ALTER TABLE "fleet" ADD COLUMN "alert_seq" BIGINT NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "alert_rule" (
    "fleet_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "fields" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_by" TEXT NOT NULL,

    CONSTRAINT "alert_rule_pkey" PRIMARY KEY ("fleet_id","name")
);

-- CreateTable
CREATE TABLE "alert_state" (
    "fleet_id" TEXT NOT NULL,
    "rule" TEXT NOT NULL,
    "group_key" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "standing" JSONB NOT NULL,
    "alert_seq" BIGINT,

    CONSTRAINT "alert_state_pkey" PRIMARY KEY ("fleet_id","rule","group_key")
);

-- CreateTable
CREATE TABLE "alert" (
    "fleet_id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "changed_seq" BIGINT NOT NULL,
    "rule" TEXT NOT NULL,
    "condition" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "labels" JSONB NOT NULL,
    "agent" TEXT,
    "customer_segment" TEXT,
    "anomaly_kind" TEXT,
    "summary" TEXT NOT NULL,
    "value" DOUBLE PRECISION,
    "threshold" DOUBLE PRECISION,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "fired_at" TIMESTAMPTZ(3),
    "resolved_at" TIMESTAMPTZ(3),
    "reopened" INTEGER NOT NULL DEFAULT 0,
    "acknowledged_at" TIMESTAMPTZ(3),
    "acknowledged_by" TEXT,
    "decision_ids" TEXT[],
    "victims" TEXT[],

    CONSTRAINT "alert_pkey" PRIMARY KEY ("fleet_id","seq")
);

-- CreateTable
CREATE TABLE "alert_change" (
    "fleet_id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "alert_seq" BIGINT NOT NULL,
    "change" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor" TEXT,
    "comment" TEXT,
    "alert" JSONB NOT NULL,

    CONSTRAINT "alert_change_pkey" PRIMARY KEY ("fleet_id","seq")
);

-- CreateIndex
CREATE INDEX "alert_change_fleet_id_alert_seq_seq_idx" ON "alert_change"("fleet_id", "alert_seq", "seq");

-- What fires, and what has resolved lately: few of all.
CREATE INDEX "alert_firing_idx" ON "alert" ("state") WHERE "state" IN ('PENDING', 'FIRING');
CREATE INDEX "alert_resolved_idx" ON "alert" ("resolved_at") WHERE "resolved_at" IS NOT NULL;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_server') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON "alert_rule", "alert_state", "alert" TO "midwatch_server";
    GRANT SELECT, INSERT ON "alert_change" TO "midwatch_server";
  END IF;
END
$$;

-- What took long, by when it ended: rules look for it there.
CREATE INDEX "decision_straggler_idx" ON "decision" ("fleet_id", "ended_at") WHERE "latency_ms" > 30000;
