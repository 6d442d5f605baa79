-- Tokens of a time-stamping authority (RFC 3161) over heads of the log of the installation.

SET LOCAL midwatch.migration = 'on';

-- CreateTable
CREATE TABLE "ledger_timestamp" (
    "root_size" BIGINT NOT NULL,
    "note" TEXT NOT NULL,
    "authority" TEXT NOT NULL,
    "stamped_at" TIMESTAMPTZ(3) NOT NULL,
    "token" BYTEA NOT NULL,

    CONSTRAINT "ledger_timestamp_pkey" PRIMARY KEY ("root_size")
);


-- What Prisma cannot say.

CREATE TRIGGER "ledger_timestamp_guard" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_timestamp"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
ALTER TABLE "ledger_timestamp" ENABLE ALWAYS TRIGGER "ledger_timestamp_guard";

-- The table is one of those that are not changed by the way. Where a superuser made the event triggers, the function is his: a
-- login that is none goes on without.
DO $migration$
BEGIN
  EXECUTE $function$
CREATE OR REPLACE FUNCTION "refuse_ledger_ddl"() RETURNS event_trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  guarded CONSTANT text[] := ARRAY['installation', 'ledger_entry', 'ledger_head', 'ledger_tree', 'ledger_tile',
    'ledger_checkpoint', 'ledger_timestamp', 'ledger_key', 'ledger_contradiction', 'legal_hold', 'erasure', 'erased_decision', 'alert_change'];
  guards CONSTANT text[] := ARRAY['refuse_ledger_change', 'refuse_change', 'refuse_ledger_ddl'];
  -- One that has just been given another name has its triggers still.
  triggers CONSTANT text[] := ARRAY(SELECT name || ending FROM unnest(guarded) AS name, unnest(ARRAY['_guard', '_append_only']) AS ending);
  tables CONSTANT oid[] := ARRAY(
    SELECT oid FROM pg_class WHERE relnamespace = to_regnamespace('public') AND relname = ANY(guarded)
    UNION SELECT tgrelid FROM pg_trigger WHERE tgname = ANY(triggers));
  functions CONSTANT oid[] := ARRAY(
    SELECT oid FROM pg_proc WHERE pronamespace = to_regnamespace('public') AND proname = ANY(guards)
    UNION SELECT tgfoid FROM pg_trigger WHERE tgname = ANY(triggers)
    UNION SELECT evtfoid FROM pg_event_trigger WHERE evtname IN ('midwatch_guard_alter', 'midwatch_guard_drop'));
  refused text;
BEGIN
  IF current_setting('midwatch.migration', true) = 'on' THEN
    RETURN;
  END IF;
  IF TG_EVENT = 'sql_drop' THEN
    SELECT object_type || ' ' || object_identity INTO refused FROM pg_event_trigger_dropped_objects()
    WHERE address_names[1] = 'public' AND CASE object_type
      WHEN 'function' THEN address_names[2] = ANY(guards)
      WHEN 'index' THEN EXISTS (SELECT FROM unnest(guarded) AS name WHERE starts_with(address_names[2], name || '_'))
      ELSE address_names[2] = ANY(guarded) END
    LIMIT 1;
  ELSE
    SELECT object_type || ' ' || object_identity INTO refused FROM pg_event_trigger_ddl_commands()
    WHERE command_tag <> 'COMMENT' AND CASE classid
      WHEN 'pg_class'::regclass THEN objid = ANY(tables)
      WHEN 'pg_trigger'::regclass THEN objid IN (SELECT oid FROM pg_trigger WHERE tgrelid = ANY(tables))
      WHEN 'pg_rewrite'::regclass THEN objid IN (SELECT oid FROM pg_rewrite WHERE ev_class = ANY(tables))
      WHEN 'pg_policy'::regclass THEN objid IN (SELECT oid FROM pg_policy WHERE polrelid = ANY(tables))
      WHEN 'pg_proc'::regclass THEN objid = ANY(functions)
      WHEN 'pg_namespace'::regclass THEN command_tag = 'ALTER SCHEMA'
        AND objid IN (SELECT relnamespace FROM pg_class WHERE oid = ANY(tables))
      ELSE false END
    LIMIT 1;
  END IF;
  IF refused IS NULL THEN
    RETURN;
  END IF;
  BEGIN
    PERFORM set_config('log_min_messages', 'log', true);
  EXCEPTION
    -- Then the log has it where it has errors.
    WHEN insufficient_privilege THEN NULL;
  END;
  RAISE LOG 'midwatch: % refused to %: %', TG_TAG, session_user, refused;
  RAISE EXCEPTION '% is refused: % is part of the ledger', TG_TAG, refused USING ERRCODE = 'insufficient_privilege',
    HINT = 'An administrator who means it says SET midwatch.migration = ''on'' first.';
END
$$
  $function$;
EXCEPTION
  WHEN insufficient_privilege THEN RAISE NOTICE 'no event trigger guards ledger_timestamp';
END
$migration$;
