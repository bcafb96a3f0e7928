-- What a station of some model should say of itself, by CPO and hardware template.

CREATE TABLE expectations (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    cpo_id TEXT COLLATE "C",
    body BYTEA NOT NULL
);
