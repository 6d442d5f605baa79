-- What detectors remember, so that a restart forgets nothing that was learned.

-- CreateTable
CREATE TABLE "detector_memory" (
    "fleet_id" TEXT NOT NULL,
    "detector" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "state" TEXT NOT NULL,

    CONSTRAINT "detector_memory_pkey" PRIMARY KEY ("fleet_id","detector","subject")
);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_server') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON "detector_memory" TO "midwatch_server";
  END IF;
END
$$;
