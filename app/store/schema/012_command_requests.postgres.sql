-- Commands to stations by others than their installer: who asked for what, the installer's word on it, and the outcome.

CREATE TABLE command_requests (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    cpo_id TEXT COLLATE "C",
    charge_station_id TEXT COLLATE "C",
    commissioning_id TEXT COLLATE "C",
    state TEXT COLLATE "C",
    asked TEXT COLLATE "C",
    body BYTEA NOT NULL
);
CREATE INDEX command_requests_of_station ON command_requests (charge_station_id, asked);
CREATE INDEX command_requests_of_commissioning ON command_requests (commissioning_id, asked);
CREATE INDEX command_requests_by_state ON command_requests (state);
