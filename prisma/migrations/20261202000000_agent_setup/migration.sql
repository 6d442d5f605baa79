-- What each agent was seen to work with: the ledger says when that is something new.

-- CreateTable
CREATE TABLE "agent_setup" (
    "fleet_id" TEXT NOT NULL,
    "agent" TEXT NOT NULL,
    "place" INTEGER NOT NULL,
    "version" TEXT,
    "model" TEXT,
    "fingerprint" TEXT,
    "decision_id" TEXT,

    CONSTRAINT "agent_setup_pkey" PRIMARY KEY ("fleet_id","agent","place")
);


-- What agents were seen with until now is nothing new.
INSERT INTO "agent_setup" ("fleet_id", "agent", "place", "version", "model", "fingerprint")
SELECT "fleet_id", "agent", row_number() OVER (PARTITION BY "fleet_id", "agent" ORDER BY "first_at", "version", "model", "fingerprint"),
  "version", "model", "fingerprint"
FROM (
  SELECT *, row_number() OVER (PARTITION BY "fleet_id", "agent", "version", "model" ORDER BY "first_at", "fingerprint") AS "prompt",
    row_number() OVER (PARTITION BY "fleet_id", "agent" ORDER BY "first_at", "version", "model", "fingerprint") AS "setup"
  FROM (
    SELECT "fleet_id", "agent", nullif("agent_version", '') AS "version", nullif("model", '') AS "model",
      nullif("fingerprint", '') AS "fingerprint", min("first_at") AS "first_at"
    FROM "metric_slice" WHERE "source" = 'DECISIONS' AND "folded" = '{}' AND "agent_version" || "model" || "fingerprint" <> ''
    GROUP BY 1, 2, 3, 4, 5
  ) "seen"
) "bounded"
WHERE "prompt" <= 20 AND "setup" <= 1000;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_server') THEN
    GRANT SELECT, INSERT ON "agent_setup" TO "midwatch_server";
  END IF;
END
$$;
