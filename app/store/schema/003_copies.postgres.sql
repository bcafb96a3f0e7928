-- What vendors' platforms told of their stations and locations, as of `read_at` in the body, and how far each list is read.

CREATE TABLE station_copies (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    home TEXT COLLATE "C" NOT NULL,
    charge_station_id TEXT COLLATE "C" NOT NULL,
    location_key TEXT COLLATE "C" NOT NULL,
    deploy_state TEXT COLLATE "C",
    search TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX station_copies_of_home ON station_copies (home, charge_station_id);
CREATE INDEX station_copies_of_location ON station_copies (home, location_key);

CREATE TABLE location_copies (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    home TEXT COLLATE "C" NOT NULL,
    spot TEXT COLLATE "C",
    search TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX location_copies_of_home ON location_copies (home);

CREATE TABLE list_readings (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    home TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL
);
