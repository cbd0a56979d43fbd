-- Nobody asks any more when a row was put, but for nodes of before.
ALTER TABLE due_work ALTER COLUMN put_at SET DEFAULT now();

-- Contacts are touches that a carrier took; a response belongs to the customer's latest touch of the campaign before it.
-- A notice that somebody is away is no response.
DROP MATERIALIZED VIEW campaign_performance;
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
  WHERE a.state = 'received' AND a.reason IS DISTINCT FROM 'outOfOffice'
  GROUP BY a.campaign_id
) r ON r.campaign_id = c.id;
CREATE UNIQUE INDEX campaign_performance_campaign ON campaign_performance (campaign_id);
