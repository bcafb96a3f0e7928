-- When a change was committed, apart from the documents: narrow rows in the order of arrival, which lists are read from.
-- `written` is the newest change of any part, `own` the newest of the object itself; both rise in the order of commits.
-- `mark` is another number after every write of any part, seen or not, and after an id comes back: who has read a row
-- with this mark need not read it again.

CREATE TABLE station_stamps (
    row_id INTEGER PRIMARY KEY REFERENCES station_master (row_id) ON DELETE CASCADE,
    cpo_id TEXT NOT NULL,
    mark INTEGER NOT NULL,
    written TEXT NOT NULL,
    own TEXT NOT NULL
);
CREATE INDEX station_stamps_cpo ON station_stamps (cpo_id);
CREATE INDEX station_stamps_written ON station_stamps (written, cpo_id);
CREATE INDEX station_stamps_own ON station_stamps (own, cpo_id);

INSERT INTO station_stamps (row_id, cpo_id, mark, written, own)
SELECT m.row_id, m.cpo_id, random(), max(m.modified, e.modified, l.changed), m.modified FROM station_master m
JOIN station_evses e ON e.charge_station_id = m.charge_station_id
JOIN station_live l ON l.charge_station_id = m.charge_station_id;

CREATE TABLE location_stamps (
    row_id INTEGER PRIMARY KEY REFERENCES locations (row_id) ON DELETE CASCADE,
    cpo_id TEXT NOT NULL,
    mark INTEGER NOT NULL,
    written TEXT NOT NULL,
    own TEXT NOT NULL
);
CREATE INDEX location_stamps_cpo ON location_stamps (cpo_id);
CREATE INDEX location_stamps_written ON location_stamps (written, cpo_id);
CREATE INDEX location_stamps_own ON location_stamps (own, cpo_id);

INSERT INTO location_stamps (row_id, cpo_id, mark, written, own)
SELECT row_id, cpo_id, random(), max(modified, coalesce(evses_modified, '')), modified FROM locations;

-- The parts of a station under the row id of its master, so that a list finds them without a search by text.

CREATE TABLE station_evses_by_row (
    row_id INTEGER PRIMARY KEY REFERENCES station_master (row_id) ON DELETE CASCADE,
    charge_station_id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    modified TEXT NOT NULL,
    body BLOB NOT NULL
);
INSERT INTO station_evses_by_row (row_id, charge_station_id, rev, modified, body)
SELECT m.row_id, e.charge_station_id, e.rev, e.modified, e.body FROM station_evses e
JOIN station_master m ON m.charge_station_id = e.charge_station_id;
DROP TABLE station_evses;
ALTER TABLE station_evses_by_row RENAME TO station_evses;

CREATE TABLE station_live_by_row (
    row_id INTEGER PRIMARY KEY REFERENCES station_master (row_id) ON DELETE CASCADE,
    charge_station_id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    online INTEGER NOT NULL,
    changed TEXT NOT NULL,
    offline_reason TEXT,
    body BLOB NOT NULL,
    shown BLOB NOT NULL,
    shown_evses BLOB NOT NULL
);
INSERT INTO station_live_by_row
    (row_id, charge_station_id, rev, online, changed, offline_reason, body, shown, shown_evses)
SELECT m.row_id, l.charge_station_id, l.rev, l.online, l.changed, l.offline_reason, l.body, l.shown, l.shown_evses
FROM station_live l JOIN station_master m ON m.charge_station_id = l.charge_station_id;
DROP TABLE station_live;
ALTER TABLE station_live_by_row RENAME TO station_live;
CREATE INDEX station_live_online ON station_live (online) WHERE online = 1;

DROP INDEX station_master_created;
DROP INDEX station_master_of_cpo;
DROP INDEX station_master_of_location;
DROP INDEX station_master_modified;
DROP INDEX locations_created;
DROP INDEX locations_of_cpo;
DROP INDEX locations_modified;
DROP INDEX locations_evses_modified;
DROP INDEX locations_latitude;

CREATE INDEX station_master_of_location ON station_master (location_key);
CREATE INDEX locations_place ON locations (latitude, longitude, cpo_id);
