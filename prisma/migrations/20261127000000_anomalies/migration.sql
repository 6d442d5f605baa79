-- What detectors found out.

-- How many anomalies the fleet has had: places are given out while its row is locked, so that they follow the commits.
ALTER TABLE "fleet" ADD COLUMN "anomaly_seq" BIGINT NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "anomaly" (
    "fleet_id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "incident" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "agent" TEXT,
    "decision_id" TEXT,
    "customer_segment" TEXT,
    "metric" TEXT,
    "observed" DOUBLE PRECISION,
    "expected" DOUBLE PRECISION,
    "score" DOUBLE PRECISION NOT NULL,
    "detected_at" TIMESTAMPTZ(3) NOT NULL,
    "summary" TEXT NOT NULL,
    "evidence" JSONB NOT NULL,
    "quotes" JSONB,
    "raised_seq" BIGINT,
    "raised_from" TEXT,

    CONSTRAINT "anomaly_pkey" PRIMARY KEY ("fleet_id","seq")
);

-- CreateIndex
CREATE UNIQUE INDEX "anomaly_fleet_id_kind_incident_key" ON "anomaly"("fleet_id", "kind", "incident");

-- CreateIndex
CREATE INDEX "anomaly_fleet_id_agent_seq_idx" ON "anomaly"("fleet_id", "agent", "seq" DESC);

-- The anomalies of a decision: some are about none.
CREATE INDEX "anomaly_decision_idx" ON "anomaly" ("fleet_id", "decision_id") WHERE "decision_id" IS NOT NULL;
-- Those that became more severe, by their new place: few do.
CREATE INDEX "anomaly_raised_idx" ON "anomaly" ("fleet_id", "raised_seq") WHERE "raised_seq" IS NOT NULL;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_server') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON "anomaly" TO "midwatch_server";
  END IF;
END
$$;
