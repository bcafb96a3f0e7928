-- The socket is a fact of its own: a station may be connected and not online. Settings of one station; attempts by the id
-- that they may have meant.

ALTER TABLE station_live ADD COLUMN connection_id TEXT COLLATE "C";
UPDATE station_live SET connection_id = '' WHERE online = 1;
CREATE INDEX station_live_connected ON station_live (connection_id) WHERE connection_id IS NOT NULL;

CREATE TABLE station_tunings (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    charge_station_id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    body BYTEA NOT NULL
);

ALTER TABLE knocks ADD COLUMN nearest TEXT COLLATE "C";
CREATE INDEX knocks_nearest ON knocks (nearest, at) WHERE nearest IS NOT NULL;
