-- What vendors' platforms told of their stations and locations, as of `read_at` in the body, and how far each list is read.

CREATE TABLE station_copies (
    row_id INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    home TEXT NOT NULL,
    charge_station_id TEXT NOT NULL,
    location_key TEXT NOT NULL,
    deploy_state TEXT,
    search TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX station_copies_of_home ON station_copies (home, charge_station_id);
CREATE INDEX station_copies_of_location ON station_copies (home, location_key);

CREATE TABLE location_copies (
    row_id INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    home TEXT NOT NULL,
    spot TEXT,
    search TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX location_copies_of_home ON location_copies (home);

CREATE TABLE list_readings (
    row_id INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    home TEXT NOT NULL,
    body BLOB NOT NULL
);
