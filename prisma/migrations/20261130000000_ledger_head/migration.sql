-- Where each ledger ends, and whose turn it is to extend it: a recorder that lost its lease cannot append.

-- CreateTable
CREATE TABLE "installation" (
    "singleton" BOOLEAN NOT NULL DEFAULT true,
    "id" TEXT NOT NULL,
    "epoch" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "installation_pkey" PRIMARY KEY ("singleton")
);

-- CreateTable
CREATE TABLE "ledger_head" (
    "fleet_id" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,
    "epoch" BIGINT NOT NULL,

    CONSTRAINT "ledger_head_pkey" PRIMARY KEY ("fleet_id")
);


-- What Prisma cannot say.

ALTER TABLE "installation" ADD CONSTRAINT "installation_singleton_check" CHECK ("singleton");
ALTER TABLE "installation" ADD CONSTRAINT "installation_id_check" CHECK ("id" ~ '^[0-9a-f]{16}$');
ALTER TABLE "ledger_head" ADD CONSTRAINT "ledger_head_check" CHECK ("size" > 0 AND length("hash") = 32);

INSERT INTO "installation" ("id") VALUES (left(replace(gen_random_uuid()::text, '-', ''), 12) || right(gen_random_uuid()::text, 4));

INSERT INTO "ledger_head" ("fleet_id", "size", "hash", "epoch")
SELECT DISTINCT ON ("fleet_id") "fleet_id", "seq" + 1, "hash", 0 FROM "ledger_entry" ORDER BY "fleet_id", "seq" DESC;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midwatch_server') THEN
    GRANT SELECT ON "installation" TO "midwatch_server";
    GRANT SELECT, INSERT, UPDATE ON "ledger_head" TO "midwatch_server";
  END IF;
END
$$;
