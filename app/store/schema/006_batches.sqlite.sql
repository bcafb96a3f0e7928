-- Batch writes under an Idempotency-Key: the calls with their answers, and items' outcomes until their call has ended.

CREATE TABLE batch_calls (
    row_id INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    subscription_id TEXT,
    body BLOB NOT NULL
);

CREATE TABLE batch_results (
    row_id INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    call_id TEXT,
    body BLOB NOT NULL
);
CREATE INDEX batch_results_of_call ON batch_results (call_id);
