-- By what answers and receipts find the customer and the attempt that they are about.

-- What went out to carriers whose receipts come later. Only "known" changes, and no index holds it, so that a change
-- costs no index.
CREATE TABLE submissions (
  at timestamptz NOT NULL,
  reference integer NOT NULL,
  -- Whether the carrier has told its id, or one of its ids.
  known boolean NOT NULL DEFAULT false,
  carrier text COLLATE "C" NOT NULL,
  attempt text COLLATE "C" NOT NULL,
  customer text COLLATE "C" NOT NULL,
  recipient text COLLATE "C" NOT NULL,
  PRIMARY KEY (attempt, carrier)
) WITH (fillfactor = 85);
-- Carriers write numbers with and without the '+'.
CREATE INDEX submissions_recipient ON submissions (ltrim(recipient, '+'), carrier, at);
CREATE INDEX submissions_age ON submissions (at);

-- The carrier's ids. A message in several parts has several.
CREATE TABLE submission_ids (
  at timestamptz NOT NULL,
  carrier text COLLATE "C" NOT NULL,
  carrier_ref text COLLATE "C" NOT NULL,
  attempt text COLLATE "C" NOT NULL,
  PRIMARY KEY (carrier_ref, carrier)
);
CREATE INDEX submission_ids_age ON submission_ids (at);

-- Receipts that came before the id that they name was known, and those that never meant us.
CREATE TABLE early_receipts (
  kept_at timestamptz NOT NULL DEFAULT now(),
  number bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL,
  reference integer,
  carrier text COLLATE "C" NOT NULL,
  carrier_ref text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  recipient text COLLATE "C" NOT NULL,
  reason text,
  PRIMARY KEY (carrier_ref, carrier, state)
);
CREATE INDEX early_receipts_age ON early_receipts (kept_at);

-- Where customers can be reached, folded from the journal: addresses in lower case, numbers in E.164 form. When somebody
-- was last contacted stands in communications.
CREATE TABLE customer_addresses (
  tenant text COLLATE "C" NOT NULL,
  customer_id text COLLATE "C" NOT NULL,
  email text COLLATE "C",
  phone text COLLATE "C",
  PRIMARY KEY (customer_id, tenant)
);
CREATE INDEX customer_addresses_email ON customer_addresses (email, tenant) WHERE email IS NOT NULL;
CREATE INDEX customer_addresses_phone ON customer_addresses (phone, tenant) WHERE phone IS NOT NULL;
