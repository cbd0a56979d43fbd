-- How nodes agree through the database. All times are by its clock.

-- The one cluster that this database belongs to, fixed by its first node.
CREATE TABLE cluster_name (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  name text NOT NULL
);

-- The nodes that run. A node whose row somebody else has removed is out of the cluster, whatever it believes itself.
CREATE TABLE nodes (
  address text COLLATE "C" PRIMARY KEY,
  -- Tells a process from an earlier one at the same address.
  uid bigint NOT NULL,
  standing text COLLATE "C" NOT NULL CHECK (standing IN ('starting', 'forming', 'member')),
  version text NOT NULL,
  -- The process id of the session that it last wrote with: PostgreSQL ends that session when the node dies.
  session integer NOT NULL,
  started_at timestamptz NOT NULL,
  last_seen timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE leases (
  name text COLLATE "C" PRIMARY KEY,
  owner text COLLATE "C" NOT NULL,
  -- One more each time that another owner takes it.
  epoch bigint NOT NULL,
  expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);
