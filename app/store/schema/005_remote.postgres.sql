-- What is being done on a vendor's platform until its answer is committed, and its own ids of locations made on phones.

CREATE TABLE remote_intents (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    cpo_id TEXT COLLATE "C",
    made TEXT COLLATE "C",
    body BYTEA NOT NULL
);
CREATE INDEX remote_intents_made ON remote_intents (made);

CREATE TABLE location_aliases (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    cpo_id TEXT COLLATE "C",
    body BYTEA NOT NULL
);
