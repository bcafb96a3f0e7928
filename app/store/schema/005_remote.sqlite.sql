-- What is being done on a vendor's platform until its answer is committed, and its own ids of locations made on phones.

CREATE TABLE remote_intents (
    row_id INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    cpo_id TEXT,
    made TEXT,
    body BLOB NOT NULL
);
CREATE INDEX remote_intents_made ON remote_intents (made);

CREATE TABLE location_aliases (
    row_id INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    cpo_id TEXT,
    body BLOB NOT NULL
);
