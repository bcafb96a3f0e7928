-- How many rows of a list each CPO has, so that a list of all of them need not count. The triggers run in the transaction
-- of what they count, whoever writes.

CREATE TABLE station_totals (
    cpo_id TEXT COLLATE "C" PRIMARY KEY,
    total BIGINT NOT NULL
);
INSERT INTO station_totals (cpo_id, total) SELECT cpo_id, count(*) FROM station_stamps GROUP BY cpo_id;

CREATE TABLE location_totals (
    cpo_id TEXT COLLATE "C" PRIMARY KEY,
    total BIGINT NOT NULL
);
INSERT INTO location_totals (cpo_id, total) SELECT cpo_id, count(*) FROM location_stamps GROUP BY cpo_id;

-- The table of totals is the trigger's argument.
CREATE FUNCTION keep_total() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        EXECUTE format('UPDATE %I SET total = total - 1 WHERE cpo_id = $1', TG_ARGV[0]) USING OLD.cpo_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        EXECUTE format(
            'INSERT INTO %I AS t (cpo_id, total) VALUES ($1, 1) ON CONFLICT (cpo_id) DO UPDATE SET total = t.total + 1',
            TG_ARGV[0]) USING NEW.cpo_id;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER station_totals_kept AFTER INSERT OR DELETE ON station_stamps
FOR EACH ROW EXECUTE FUNCTION keep_total('station_totals');
CREATE TRIGGER station_totals_moved AFTER UPDATE OF cpo_id ON station_stamps
FOR EACH ROW WHEN (OLD.cpo_id <> NEW.cpo_id) EXECUTE FUNCTION keep_total('station_totals');

CREATE TRIGGER location_totals_kept AFTER INSERT OR DELETE ON location_stamps
FOR EACH ROW EXECUTE FUNCTION keep_total('location_totals');
CREATE TRIGGER location_totals_moved AFTER UPDATE OF cpo_id ON location_stamps
FOR EACH ROW WHEN (OLD.cpo_id <> NEW.cpo_id) EXECUTE FUNCTION keep_total('location_totals');

-- The order of arrival within each ten minutes of `written`: what changed in the last hours is merged from them.
CREATE INDEX station_stamps_span ON station_stamps (substr(written, 1, 15), row_id);
CREATE INDEX location_stamps_span ON location_stamps (substr(written, 1, 15), row_id);
