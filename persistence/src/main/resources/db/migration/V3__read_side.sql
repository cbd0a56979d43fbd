-- What the projections fold the journal into. Every row here can be made again from the journal.

-- The offsets of Pekko Projection (its own names and columns).
CREATE TABLE pekko_projection_offset_store (
  projection_name varchar(255) NOT NULL,
  projection_key varchar(255) NOT NULL,
  current_offset varchar(255) NOT NULL,
  manifest varchar(4) NOT NULL,
  mergeable boolean NOT NULL,
  last_updated bigint NOT NULL,
  PRIMARY KEY (projection_name, projection_key)
);
CREATE TABLE pekko_projection_management (
  projection_name varchar(255) NOT NULL,
  projection_key varchar(255) NOT NULL,
  paused boolean NOT NULL,
  last_updated bigint NOT NULL,
  PRIMARY KEY (projection_name, projection_key)
);

-- Into how many ranges the journal is read; the offsets mean nothing for another number.
CREATE TABLE read_side_layout (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  projections integer NOT NULL
);

-- Grows with every group of events that a projection applies.
CREATE TABLE read_side_parts (
  part smallint PRIMARY KEY,
  groups bigint NOT NULL
) WITH (fillfactor = 50);

-- When the performance view may be refreshed again, and what it was made from.
CREATE TABLE performance_refresh (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  groups bigint NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO performance_refresh DEFAULT VALUES;

CREATE TABLE campaigns (
  id text COLLATE "C" PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  status text COLLATE "C" NOT NULL,
  definition jsonb NOT NULL,
  audience_id text COLLATE "C" NOT NULL,
  rate_per_second integer,
  audience_size bigint,
  created_at timestamptz NOT NULL,
  started_at timestamptz,
  finished_at timestamptz
);
CREATE INDEX campaigns_newest ON campaigns (tenant, created_at DESC, id DESC);
CREATE INDEX campaigns_active ON campaigns (status) WHERE status IN ('running', 'paused', 'cancelling');

CREATE TABLE audience_runs (
  campaign_id text COLLATE "C" NOT NULL,
  slice smallint NOT NULL,
  cursor bigint NOT NULL DEFAULT 0,
  finished boolean NOT NULL DEFAULT false,
  PRIMARY KEY (campaign_id, slice)
) WITH (fillfactor = 50);
CREATE INDEX audience_runs_open ON audience_runs (slice) WHERE NOT finished;

-- One row for each projection, so that projections do not wait for each other; reports add them up.
CREATE TABLE campaign_counters (
  campaign_id text COLLATE "C" NOT NULL,
  part smallint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  count bigint NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (campaign_id, part, kind, name)
) WITH (fillfactor = 50);

-- A communication lives in the month of its first touch (in UTC) and stays there when it changes later. The month is
-- part of the key because PostgreSQL asks for that; together with it a new row costs one insert into two indexes.
CREATE TABLE communications (
  month date NOT NULL,
  changed_at timestamptz NOT NULL,
  granted_at timestamptz,
  attempts integer NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  customer_id text COLLATE "C" NOT NULL,
  campaign_id text COLLATE "C" NOT NULL,
  step_id text COLLATE "C" NOT NULL,
  channel text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  reason text COLLATE "C",
  attempt text COLLATE "C",
  carrier text COLLATE "C",
  carrier_ref text COLLATE "C",
  PRIMARY KEY (campaign_id, customer_id, step_id, tenant, month)
) PARTITION BY RANGE (month);
CREATE INDEX communications_customer ON communications (customer_id, tenant);
-- The next two hold few rows: what went wrong, what was answered, and single messages.
CREATE INDEX communications_state ON communications (campaign_id, state, customer_id, step_id)
  WHERE state <> 'delivered';
CREATE INDEX communications_message ON communications (step_id) WHERE campaign_id = 'msg';
CREATE TABLE communications_default PARTITION OF communications DEFAULT;

-- Absent campaign: ''. visible_at is the due time, or the end of a lease.
CREATE TABLE due_work (
  entity_type text COLLATE "C" NOT NULL,
  entity_id text COLLATE "C" NOT NULL,
  work text COLLATE "C" NOT NULL,
  campaign_id text COLLATE "C" NOT NULL,
  due timestamptz NOT NULL,
  visible_at timestamptz NOT NULL,
  put_at timestamptz NOT NULL,
  PRIMARY KEY (entity_type, entity_id, work)
);
CREATE INDEX due_work_next ON due_work (campaign_id, visible_at);

-- "Everything that waits for this campaign is due at once": worked off in steps by those who lease, since a campaign
-- may have a million rows. The request stays, for work that was journalled before it and is projected after it.
CREATE TABLE due_at_once (
  campaign_id text COLLATE "C" PRIMARY KEY,
  at timestamptz NOT NULL,
  requested_at timestamptz NOT NULL,
  -- How often all rows are still to be looked through, and not before when.
  passes integer NOT NULL,
  not_before timestamptz NOT NULL
);
CREATE INDEX due_at_once_open ON due_at_once (not_before) WHERE passes > 0;

-- Contacts are touches that a carrier took; a response belongs to the customer's latest touch of the campaign before it.
CREATE MATERIALIZED VIEW campaign_performance AS
SELECT c.id AS campaign_id,
       c.tenant,
       coalesce(n.contacts, 0) AS contacts,
       coalesce(r.responses, 0) AS responses,
       r.average_seconds
FROM campaigns c
LEFT JOIN (
  SELECT campaign_id, sum(count)::bigint AS contacts
  FROM campaign_counters
  WHERE kind = 'step' AND name LIKE '%/delivered'
  GROUP BY campaign_id
) n ON n.campaign_id = c.id
LEFT JOIN (
  SELECT a.campaign_id,
         count(*) AS responses,
         avg(extract(epoch FROM a.changed_at - t.touched_at))::double precision AS average_seconds
  FROM communications a
  LEFT JOIN LATERAL (
    SELECT max(d.changed_at) AS touched_at
    FROM communications d
    WHERE d.campaign_id = a.campaign_id AND d.customer_id = a.customer_id AND d.tenant = a.tenant
      AND d.state = 'delivered' AND d.changed_at <= a.changed_at
      AND d.month <= a.month AND d.month >= a.month - 93
  ) t ON true
  WHERE a.state = 'received'
  GROUP BY a.campaign_id
) r ON r.campaign_id = c.id;
CREATE UNIQUE INDEX campaign_performance_campaign ON campaign_performance (campaign_id);
