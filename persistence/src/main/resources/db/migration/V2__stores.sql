-- Audiences, idempotency keys, API keys and shared secrets.
-- Ids compare byte by byte (COLLATE "C"): cheaper than a language's order, and the same on every host.

CREATE TABLE audiences (
  id text COLLATE "C" PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  name text NOT NULL,
  status text NOT NULL DEFAULT 'empty',
  -- The generation of members that readers see; 0 before the first import.
  generation bigint NOT NULL DEFAULT 0,
  columns text[] NOT NULL DEFAULT '{}',
  accepted bigint NOT NULL DEFAULT 0,
  rejected bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Every import writes a generation of its own. One that is not named by its audience is garbage, unless its import
-- still runs, which the audience's advisory lock tells.
CREATE TABLE audience_generations (
  generation bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  audience_id text COLLATE "C" NOT NULL REFERENCES audiences (id),
  opened_at timestamptz NOT NULL DEFAULT now()
);

-- One index only, appended to in eight places at a time, and in the order in which it is read.
-- Attributes are a JSON object kept as text: nothing parses it while it is copied in.
CREATE TABLE audience_members (
  generation bigint NOT NULL,
  position bigint NOT NULL,
  as_of timestamptz NOT NULL,
  slice smallint NOT NULL,
  customer_id text COLLATE "C" NOT NULL,
  email text COLLATE "C",
  phone text COLLATE "C",
  time_zone text COLLATE "C",
  locale text COLLATE "C",
  attributes text COLLATE "C" NOT NULL,
  PRIMARY KEY (generation, slice, position)
);

CREATE TABLE audience_rejects (
  generation bigint NOT NULL,
  number integer NOT NULL,
  line bigint NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (generation, number)
);

CREATE TABLE idempotency_keys (
  scope text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  fingerprint text COLLATE "C" NOT NULL,
  claimed_at timestamptz NOT NULL,
  -- Absent while the first request runs.
  status integer,
  content_type text,
  headers text,
  body text,
  PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (claimed_at);

CREATE TABLE api_keys (
  hash bytea PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX api_keys_tenant ON api_keys (tenant);

CREATE TABLE secrets (
  name text COLLATE "C" PRIMARY KEY,
  value bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
