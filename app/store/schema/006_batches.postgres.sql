-- Batch writes under an Idempotency-Key: the calls with their answers, and items' outcomes until their call has ended.

CREATE TABLE batch_calls (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    subscription_id TEXT COLLATE "C",
    body BYTEA NOT NULL
);

CREATE TABLE batch_results (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    call_id TEXT COLLATE "C",
    body BYTEA NOT NULL
);
CREATE INDEX batch_results_of_call ON batch_results (call_id);
