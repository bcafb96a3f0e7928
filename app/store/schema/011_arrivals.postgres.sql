-- The last connection attempts that were let in, a row for each station, apart from the refused ones.

CREATE TABLE arrivals (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    charge_station_id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    cpo_id TEXT COLLATE "C",
    at TEXT COLLATE "C",
    body BYTEA NOT NULL
);
CREATE INDEX arrivals_of_cpo ON arrivals (cpo_id, at);
CREATE INDEX arrivals_at ON arrivals (at);
