-- Retention spares what is held, and says what it took.

DROP FUNCTION "drop_day_partitions"(text, date);

-- Drops what one risk class has of one day, unless some of it is held. It runs as its owner, since the server's role owns nothing.
CREATE FUNCTION "drop_day_partition"("class" text, "day" date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  parent text;
BEGIN
  PERFORM pg_advisory_xact_lock(4201988119);
  IF EXISTS (
    SELECT FROM decision d JOIN legal_hold h ON h.fleet_id = d.fleet_id AND h.released_at IS NULL
      AND (h.scope = 'FLEET' OR h.scope = 'DECISION' AND h.target = d.id
        OR h.scope = 'CONVERSATION' AND h.target = d.conversation_id OR h.scope = 'SUBJECT' AND h.target = d.user_id)
    WHERE d.risk_class = "class" AND d.sealed_on = "day"
  ) THEN
    RAISE EXCEPTION 'decisions of % sealed on % are held', "class", "day" USING ERRCODE = 'insufficient_privilege';
  END IF;
  FOREACH parent IN ARRAY ARRAY['decision_' || lower("class"), 'step_' || lower("class")] LOOP
    EXECUTE format('DROP TABLE IF EXISTS %I', parent || '_' || to_char("day", 'YYYYMMDD'));
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION "drop_day_partition"(text, date) FROM PUBLIC;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_server') THEN
    GRANT EXECUTE ON FUNCTION "drop_day_partition"(text, date) TO "midwatch_server";
  END IF;
END
$$;
