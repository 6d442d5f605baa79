-- Who was told of which alerts, and who is not to be told.

-- CreateTable
CREATE TABLE "notification" (
    "fleet_id" TEXT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "receiver" TEXT NOT NULL,
    "group_key" TEXT NOT NULL,
    "is_newest" BOOLEAN NOT NULL DEFAULT true,
    "idempotency_key" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "alerts" TEXT[],
    "firing" TEXT[],
    "notice" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "sent_at" TIMESTAMPTZ(3),

    CONSTRAINT "notification_pkey" PRIMARY KEY ("fleet_id","id")
);

-- CreateTable
CREATE TABLE "silence" (
    "fleet_id" TEXT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "matchers" JSONB NOT NULL,
    "reason" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "silence_pkey" PRIMARY KEY ("fleet_id","id")
);

-- CreateIndex
CREATE UNIQUE INDEX "notification_idempotency_key_key" ON "notification"("idempotency_key");

-- CreateIndex
CREATE INDEX "notification_created_at_idx" ON "notification"("created_at");

-- CreateIndex
CREATE INDEX "notification_alerts_idx" ON "notification" USING GIN ("alerts");

-- CreateIndex
CREATE INDEX "silence_ends_at_idx" ON "silence"("ends_at");

-- A group's key names its fleet, too. Two that tell of the same change at once cannot both: each follows the newest.
CREATE UNIQUE INDEX "notification_newest_idx" ON "notification" ("receiver", "group_key") WHERE "is_newest";
-- What is still to be delivered: little of all there is.
CREATE INDEX "notification_due_idx" ON "notification" ("receiver", "next_attempt_at") WHERE "state" IN ('PENDING', 'FAILED');

ALTER TABLE "notification"
  ADD CONSTRAINT "notification_state_check" CHECK ("state" IN ('PENDING', 'FAILED', 'SENT', 'DEAD')),
  ADD CONSTRAINT "notification_due_check" CHECK (("next_attempt_at" IS NOT NULL) = ("state" IN ('PENDING', 'FAILED')));
ALTER TABLE "silence" ADD CONSTRAINT "silence_span_check" CHECK ("ends_at" >= "starts_at");

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_server') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON "notification", "silence" TO "midwatch_server";
    GRANT USAGE ON SEQUENCE "notification_id_seq", "silence_id_seq" TO "midwatch_server";
  END IF;
END
$$;
