-- Speed bumps before the ledger and what is beside it: what only grows stays, and its tables are not changed by the way. Whoever
-- owns the database can pass them all; what shows it are the proofs.

CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: what it holds stays', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;

-- Statement triggers, which cost nothing where the statement is another. All are enabled always: whatever
-- session_replication_role says.
DO $$
DECLARE
  guard record;
BEGIN
  FOR guard IN SELECT * FROM (VALUES
    ('installation', 'UPDATE OF "singleton", "id" OR DELETE OR TRUNCATE'),
    ('ledger_head', 'DELETE OR TRUNCATE'),
    ('ledger_tree', 'DELETE OR TRUNCATE'),
    ('ledger_checkpoint', 'UPDATE OF "fleet_id", "size", "root_hash", "note", "key_id" OR TRUNCATE'),
    ('ledger_key', 'UPDATE OF "fleet_id", "public_key", "from_size", "created_at" OR DELETE OR TRUNCATE'),
    ('ledger_contradiction',
      'UPDATE OF "fleet_id", "witness", "found_at", "kind", "witness_size", "own_size" OR DELETE OR TRUNCATE'),
    ('legal_hold', 'UPDATE OF "fleet_id", "id", "scope", "reference", "placed_by", "placed_at" OR DELETE OR TRUNCATE'),
    ('erasure', 'UPDATE OF "fleet_id", "id", "scope", "reference", "requested_by", "requested_at" OR DELETE OR TRUNCATE'),
    ('erased_decision', 'UPDATE OR DELETE OR TRUNCATE'),
    -- It goes with its alert, when that has been over for long enough.
    ('alert_change', 'UPDATE OR TRUNCATE')
  ) AS each (name, events)
  LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE %s ON %I FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"()',
      guard.name || '_guard', guard.events, guard.name);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', guard.name, guard.name || '_guard');
  END LOOP;
END
$$;

-- Checkpoints of the past go, but those that the log of the installation has as leaves stay.
CREATE TRIGGER "ledger_checkpoint_leaf_guard" BEFORE DELETE ON "ledger_checkpoint"
  FOR EACH ROW WHEN (OLD."root_seq" IS NOT NULL) EXECUTE FUNCTION "refuse_change"();
ALTER TABLE "ledger_checkpoint" ENABLE ALWAYS TRIGGER "ledger_checkpoint_leaf_guard";

-- For event triggers, which the server makes where the login may: only a superuser can. A migration of ours says that it is one.
CREATE FUNCTION "refuse_ledger_ddl"() RETURNS event_trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  guarded CONSTANT text[] := ARRAY['installation', 'ledger_entry', 'ledger_head', 'ledger_tree', 'ledger_tile',
    'ledger_checkpoint', 'ledger_key', 'ledger_contradiction', 'legal_hold', 'erasure', 'erased_decision', 'alert_change'];
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
$$;
