-- The last connection attempts that were let in, a row for each station, apart from the refused ones.

CREATE TABLE arrivals (
    row_id INTEGER PRIMARY KEY,
    charge_station_id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    cpo_id TEXT,
    at TEXT,
    body BLOB NOT NULL
);
CREATE INDEX arrivals_of_cpo ON arrivals (cpo_id, at);
CREATE INDEX arrivals_at ON arrivals (at);
