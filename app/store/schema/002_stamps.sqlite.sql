-- When a change was committed, apart from the documents: narrow rows in the order of arrival, which lists are read from.
-- `written` is the newest change of any part, `own` the newest of the object itself; both rise in the order of commits.

CREATE TABLE station_stamps (
    row_id INTEGER PRIMARY KEY REFERENCES station_master (row_id) ON DELETE CASCADE,
    cpo_id TEXT NOT NULL,
    written TEXT NOT NULL,
    own TEXT NOT NULL
);
CREATE INDEX station_stamps_cpo ON station_stamps (cpo_id);
CREATE INDEX station_stamps_written ON station_stamps (written);
CREATE INDEX station_stamps_own ON station_stamps (own);

INSERT INTO station_stamps (row_id, cpo_id, written, own)
SELECT m.row_id, m.cpo_id, max(m.modified, e.modified, l.changed), m.modified FROM station_master m
JOIN station_evses e ON e.charge_station_id = m.charge_station_id
JOIN station_live l ON l.charge_station_id = m.charge_station_id;

CREATE TABLE location_stamps (
    row_id INTEGER PRIMARY KEY REFERENCES locations (row_id) ON DELETE CASCADE,
    cpo_id TEXT NOT NULL,
    written TEXT NOT NULL,
    own TEXT NOT NULL
);
CREATE INDEX location_stamps_cpo ON location_stamps (cpo_id);
CREATE INDEX location_stamps_written ON location_stamps (written);
CREATE INDEX location_stamps_own ON location_stamps (own);

INSERT INTO location_stamps (row_id, cpo_id, written, own)
SELECT row_id, cpo_id, max(modified, coalesce(evses_modified, '')), modified FROM locations;

DROP INDEX station_master_created;
DROP INDEX station_master_of_cpo;
DROP INDEX station_master_of_location;
DROP INDEX station_master_modified;
DROP INDEX station_evses_modified;
DROP INDEX station_live_changed;
DROP INDEX locations_created;
DROP INDEX locations_of_cpo;
DROP INDEX locations_modified;
DROP INDEX locations_evses_modified;
DROP INDEX locations_latitude;

CREATE INDEX station_master_of_location ON station_master (location_key);
CREATE INDEX locations_place ON locations (latitude, longitude, cpo_id);
