-- How many rows of a list each CPO has, so that a list of all of them need not count. The triggers run in the transaction
-- of what they count, whoever writes.

CREATE TABLE station_totals (
    cpo_id TEXT NOT NULL PRIMARY KEY,
    total INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO station_totals (cpo_id, total) SELECT cpo_id, count(*) FROM station_stamps GROUP BY cpo_id;

CREATE TRIGGER station_totals_come AFTER INSERT ON station_stamps BEGIN
    INSERT INTO station_totals (cpo_id, total) VALUES (NEW.cpo_id, 1)
    ON CONFLICT (cpo_id) DO UPDATE SET total = total + 1;
END;
CREATE TRIGGER station_totals_go AFTER DELETE ON station_stamps BEGIN
    UPDATE station_totals SET total = total - 1 WHERE cpo_id = OLD.cpo_id;
END;
CREATE TRIGGER station_totals_move AFTER UPDATE OF cpo_id ON station_stamps WHEN OLD.cpo_id <> NEW.cpo_id BEGIN
    UPDATE station_totals SET total = total - 1 WHERE cpo_id = OLD.cpo_id;
    INSERT INTO station_totals (cpo_id, total) VALUES (NEW.cpo_id, 1)
    ON CONFLICT (cpo_id) DO UPDATE SET total = total + 1;
END;

CREATE TABLE location_totals (
    cpo_id TEXT NOT NULL PRIMARY KEY,
    total INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO location_totals (cpo_id, total) SELECT cpo_id, count(*) FROM location_stamps GROUP BY cpo_id;

CREATE TRIGGER location_totals_come AFTER INSERT ON location_stamps BEGIN
    INSERT INTO location_totals (cpo_id, total) VALUES (NEW.cpo_id, 1)
    ON CONFLICT (cpo_id) DO UPDATE SET total = total + 1;
END;
CREATE TRIGGER location_totals_go AFTER DELETE ON location_stamps BEGIN
    UPDATE location_totals SET total = total - 1 WHERE cpo_id = OLD.cpo_id;
END;
CREATE TRIGGER location_totals_move AFTER UPDATE OF cpo_id ON location_stamps WHEN OLD.cpo_id <> NEW.cpo_id BEGIN
    UPDATE location_totals SET total = total - 1 WHERE cpo_id = OLD.cpo_id;
    INSERT INTO location_totals (cpo_id, total) VALUES (NEW.cpo_id, 1)
    ON CONFLICT (cpo_id) DO UPDATE SET total = total + 1;
END;

-- The order of arrival within each ten minutes of `written`: what changed in the last hours is merged from them.
CREATE INDEX station_stamps_span ON station_stamps (substr(written, 1, 15));
CREATE INDEX location_stamps_span ON location_stamps (substr(written, 1, 15));
