-- What happened on the line, for a call that was answered.
ALTER TABLE communications
  ADD COLUMN call_millis bigint,
  ADD COLUMN call_digits text COLLATE "C",
  ADD COLUMN call_ended_by text COLLATE "C";
