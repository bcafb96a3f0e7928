-- What a station of some model should say of itself, by CPO and hardware template.

CREATE TABLE expectations (
    row_id INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    cpo_id TEXT,
    body BLOB NOT NULL
);
