-- Commands to stations by others than their installer: who asked for what, the installer's word on it, and the outcome.

CREATE TABLE command_requests (
    row_id INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    cpo_id TEXT,
    charge_station_id TEXT,
    commissioning_id TEXT,
    state TEXT,
    asked TEXT,
    body BLOB NOT NULL
);
CREATE INDEX command_requests_of_station ON command_requests (charge_station_id, asked);
CREATE INDEX command_requests_of_commissioning ON command_requests (commissioning_id, asked);
CREATE INDEX command_requests_by_state ON command_requests (state);
