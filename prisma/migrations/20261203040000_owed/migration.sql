-- Entries that are still to be sealed: what they tell of was done while the ledger took none.

-- CreateTable
CREATE TABLE "ledger_owed" (
    "fleet_id" TEXT NOT NULL,
    "place" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "owed_since" TIMESTAMPTZ(3) NOT NULL,
    "sealed_seq" BIGINT,

    CONSTRAINT "ledger_owed_pkey" PRIMARY KEY ("fleet_id","place")
);


-- What Prisma cannot say.

-- A row goes in the transaction that seals what it holds, and not otherwise.
CREATE FUNCTION "refuse_unsealed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM "ledger_entry" e
    WHERE e."fleet_id" = OLD."fleet_id" AND e."seq" = OLD."sealed_seq" AND e."kind" = OLD."kind" AND e."subject" = OLD."subject"
      AND strpos(e."canonical", '"payload":' || OLD."payload" || ',"previousHash":') > 0
  ) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'DELETE of ledger_owed is refused: the ledger does not have what it holds'
    USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER "ledger_owed_guard"
  BEFORE UPDATE OF "fleet_id", "place", "kind", "subject", "payload", "owed_since" OR TRUNCATE ON "ledger_owed"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
ALTER TABLE "ledger_owed" ENABLE ALWAYS TRIGGER "ledger_owed_guard";
CREATE TRIGGER "ledger_owed_sealed_guard" BEFORE DELETE ON "ledger_owed"
  FOR EACH ROW EXECUTE FUNCTION "refuse_unsealed"();
ALTER TABLE "ledger_owed" ENABLE ALWAYS TRIGGER "ledger_owed_sealed_guard";

DO $$
BEGIN
  EXECUTE replace(replace(pg_get_functiondef('"refuse_ledger_ddl"'::regproc),
    '''ledger_contradiction'',', '''ledger_contradiction'', ''ledger_owed'','),
    '''refuse_change'',', '''refuse_change'', ''refuse_unsealed'',');
EXCEPTION
  -- Then it is a superuser's, for whom event triggers were made: the rows are guarded all the same.
  WHEN insufficient_privilege THEN NULL;
END
$$;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_server') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON "ledger_owed" TO "midwatch_server";
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_recorder') THEN
    GRANT SELECT, UPDATE, DELETE ON "ledger_owed" TO "midwatch_recorder";
  END IF;
END
$$;
