-- What rules count, by when it was found; and alerts that are over go after a time.

-- CreateIndex
CREATE INDEX "anomaly_fleet_id_detected_at_idx" ON "anomaly"("fleet_id", "detected_at");

-- What was pending and never fired: such an alert has no time at which it resolved.
CREATE INDEX "alert_unfired_idx" ON "alert" ("started_at") WHERE "state" = 'INACTIVE';

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_server') THEN
    GRANT DELETE ON "alert_change" TO "midwatch_server";
  END IF;
END
$$;
