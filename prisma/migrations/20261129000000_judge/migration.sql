-- How far the model that judges answers has come in each ledger, and how often it was called each day.

-- CreateTable
CREATE TABLE "judge_cursor" (
    "fleet_id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "judged" BIGINT[],

    CONSTRAINT "judge_cursor_pkey" PRIMARY KEY ("fleet_id")
);

-- CreateTable
CREATE TABLE "judge_day" (
    "day" DATE NOT NULL,
    "calls" INTEGER NOT NULL,

    CONSTRAINT "judge_day_pkey" PRIMARY KEY ("day")
);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_server') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON "judge_cursor", "judge_day" TO "midwatch_server";
  END IF;
END
$$;
