-- What operators want of carriers: the last order for each, which nodes follow from their start.
CREATE TABLE carrier_orders (
  carrier text COLLATE "C" PRIMARY KEY,
  order_name text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL
);
