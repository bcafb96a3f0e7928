-- The tables of SQLite's 001 and 002 in PostgreSQL's types. Text compares by its bytes, as it does there.

-- One row: what all servers on this database must share. `digest_key` is a fingerprint, never the key.
CREATE TABLE house (
    row_id INTEGER PRIMARY KEY CHECK (row_id = 1),
    digest_key TEXT COLLATE "C" NOT NULL
);

CREATE TABLE facts (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cpo_id TEXT COLLATE "C",
    charge_station_id TEXT COLLATE "C",
    commissioning_id TEXT COLLATE "C",
    person_id TEXT COLLATE "C",
    kind TEXT COLLATE "C" NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX facts_of_cpo ON facts (cpo_id, seq);
CREATE INDEX facts_of_station ON facts (charge_station_id, seq);
CREATE INDEX facts_of_commissioning ON facts (commissioning_id, seq);
CREATE INDEX facts_of_person ON facts (person_id, kind, seq) WHERE person_id IS NOT NULL;

CREATE TABLE station_master (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    charge_station_id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    cpo_id TEXT COLLATE "C" NOT NULL,
    location_id TEXT COLLATE "C" NOT NULL,
    location_key TEXT COLLATE "C" NOT NULL,
    deploy_state TEXT COLLATE "C" NOT NULL,
    etag TEXT COLLATE "C" NOT NULL,
    created TEXT COLLATE "C" NOT NULL,
    modified TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C",
    search TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL
);

-- `evses_modified` is the newest change of a station or EVSE here, also of one that has left since.
CREATE TABLE locations (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    cpo_id TEXT COLLATE "C" NOT NULL,
    created TEXT COLLATE "C" NOT NULL,
    modified TEXT COLLATE "C" NOT NULL,
    evses_modified TEXT COLLATE "C",
    name TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    city TEXT COLLATE "C" NOT NULL,
    postal_code TEXT COLLATE "C" NOT NULL,
    country TEXT COLLATE "C" NOT NULL,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    search TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL
);

CREATE TABLE cpos (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cpo_id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    body BYTEA NOT NULL
);

CREATE TABLE people (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    role TEXT COLLATE "C",
    phone TEXT COLLATE "C",
    body BYTEA NOT NULL
);
CREATE INDEX people_phone ON people (phone);

CREATE TABLE invites (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    link_digest TEXT COLLATE "C",
    code_digest TEXT COLLATE "C",
    expires TEXT COLLATE "C",
    used_at TEXT COLLATE "C",
    body BYTEA NOT NULL
);
CREATE INDEX invites_link ON invites (link_digest);
CREATE INDEX invites_code ON invites (code_digest);

CREATE TABLE devices (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    id TEXT COLLATE "C",
    person_id TEXT COLLATE "C",
    revoked_at TEXT COLLATE "C",
    body BYTEA NOT NULL
);
CREATE INDEX devices_id ON devices (id);
CREATE INDEX devices_of_person ON devices (person_id);

CREATE TABLE subscriptions (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key_digest TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    id TEXT COLLATE "C",
    revoked_at TEXT COLLATE "C",
    body BYTEA NOT NULL
);
CREATE INDEX subscriptions_id ON subscriptions (id);

CREATE TABLE templates (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    template_id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    tenant_id TEXT COLLATE "C",
    body BYTEA NOT NULL
);
CREATE INDEX templates_of_tenant ON templates (tenant_id);

CREATE TABLE commissionings (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    cpo_id TEXT COLLATE "C",
    charge_station_id TEXT COLLATE "C",
    location_id TEXT COLLATE "C",
    state TEXT COLLATE "C",
    person_id TEXT COLLATE "C",
    begun TEXT COLLATE "C",
    changed TEXT COLLATE "C",
    handed_over TEXT COLLATE "C",
    body BYTEA NOT NULL
);
CREATE UNIQUE INDEX commissionings_one_open ON commissionings (charge_station_id) WHERE state = 'open';
CREATE INDEX commissionings_of_station ON commissionings (charge_station_id, begun);
CREATE INDEX commissionings_of_location ON commissionings (location_id) WHERE location_id IS NOT NULL;
CREATE INDEX commissionings_of_person ON commissionings (person_id, state, changed);
CREATE INDEX commissionings_of_cpo ON commissionings (cpo_id, state, changed);
CREATE INDEX commissionings_changed ON commissionings (state, changed);

CREATE TABLE labels (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    cpo_id TEXT COLLATE "C",
    charge_station_id TEXT COLLATE "C",
    body BYTEA NOT NULL
);
CREATE INDEX labels_of_station ON labels (charge_station_id);
CREATE INDEX labels_of_cpo ON labels (cpo_id);

CREATE TABLE knocks (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    at TEXT COLLATE "C",
    identity TEXT COLLATE "C",
    charge_station_id TEXT COLLATE "C",
    cpo_id TEXT COLLATE "C",
    reason TEXT COLLATE "C",
    body BYTEA NOT NULL
);
CREATE INDEX knocks_at ON knocks (at);
CREATE INDEX knocks_of_station ON knocks (charge_station_id, at);
CREATE INDEX knocks_of_identity ON knocks (identity, at);
CREATE INDEX knocks_of_cpo ON knocks (cpo_id, at);

CREATE TABLE transactions (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id BIGINT NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    charge_station_id TEXT COLLATE "C",
    started TEXT COLLATE "C",
    stopped TEXT COLLATE "C",
    body BYTEA NOT NULL
);
CREATE INDEX transactions_of_station ON transactions (charge_station_id, started);

CREATE TABLE station_passwords (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    charge_station_id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    body BYTEA NOT NULL
);

CREATE TABLE operations (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    person_id TEXT COLLATE "C",
    commissioning_id TEXT COLLATE "C",
    charge_station_id TEXT COLLATE "C",
    at TEXT COLLATE "C",
    body BYTEA NOT NULL
);
CREATE INDEX operations_of_commissioning ON operations (commissioning_id, at);
CREATE INDEX operations_of_person ON operations (person_id, at);
CREATE INDEX operations_of_station ON operations (charge_station_id, at);

CREATE TABLE station_evses (
    row_id BIGINT PRIMARY KEY REFERENCES station_master (row_id) ON DELETE CASCADE,
    charge_station_id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    modified TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL
);

-- `offline_reason` is set when a restart marked the station offline without touching its document.
CREATE TABLE station_live (
    row_id BIGINT PRIMARY KEY REFERENCES station_master (row_id) ON DELETE CASCADE,
    charge_station_id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    online BIGINT NOT NULL,
    changed TEXT COLLATE "C" NOT NULL,
    offline_reason TEXT COLLATE "C",
    body BYTEA NOT NULL,
    shown BYTEA NOT NULL,
    shown_evses BYTEA NOT NULL
);
CREATE INDEX station_live_online ON station_live (online) WHERE online = 1;

-- What `mark` is taken from.
CREATE SEQUENCE marks;

-- When a change was committed: narrow rows in the order of arrival, which lists are read from (see the SQLite twin).
CREATE TABLE station_stamps (
    row_id BIGINT PRIMARY KEY REFERENCES station_master (row_id) ON DELETE CASCADE,
    cpo_id TEXT COLLATE "C" NOT NULL,
    mark BIGINT NOT NULL,
    written TEXT COLLATE "C" NOT NULL,
    own TEXT COLLATE "C" NOT NULL
);
CREATE INDEX station_stamps_cpo ON station_stamps (cpo_id, row_id);
CREATE INDEX station_stamps_written ON station_stamps (written);
CREATE INDEX station_stamps_own ON station_stamps (own);

CREATE TABLE location_stamps (
    row_id BIGINT PRIMARY KEY REFERENCES locations (row_id) ON DELETE CASCADE,
    cpo_id TEXT COLLATE "C" NOT NULL,
    mark BIGINT NOT NULL,
    written TEXT COLLATE "C" NOT NULL,
    own TEXT COLLATE "C" NOT NULL
);
CREATE INDEX location_stamps_cpo ON location_stamps (cpo_id, row_id);
CREATE INDEX location_stamps_written ON location_stamps (written);
CREATE INDEX location_stamps_own ON location_stamps (own);

CREATE INDEX station_master_of_location ON station_master (location_key);
CREATE INDEX locations_place ON locations (latitude, longitude, cpo_id);

-- The functions that the statements of both stores call by the same name.

CREATE FUNCTION max(one text, other text) RETURNS text LANGUAGE sql IMMUTABLE
AS $$ SELECT greatest(one, other) $$;

CREATE FUNCTION instr(whole text, part text) RETURNS integer LANGUAGE sql IMMUTABLE
AS $$ SELECT strpos(whole, part) $$;

CREATE FUNCTION last_insert_rowid() RETURNS bigint LANGUAGE sql VOLATILE
AS $$ SELECT lastval() $$;

-- The time of the commit, set by the writer for its transaction, not before the object's own.
CREATE FUNCTION stamp(own text) RETURNS text LANGUAGE sql STABLE
AS $$ SELECT greatest(own, current_setting('stationlink.at')) $$;

CREATE FUNCTION folded(words text) RETURNS text LANGUAGE sql IMMUTABLE
AS $$ SELECT replace(lower(coalesce(words, '') COLLATE "und-x-icu"), 'ß', 'ss') $$;

CREATE FUNCTION squeezed(words text) RETURNS text LANGUAGE sql IMMUTABLE
AS $$ SELECT btrim(regexp_replace(folded(words), '\s+', ' ', 'g')) $$;

CREATE FUNCTION same_text(words text, wanted text) RETURNS boolean LANGUAGE sql IMMUTABLE
AS $$ SELECT regexp_replace(folded(words), '^\s+|\s+$', '', 'g') = regexp_replace(folded(wanted), '^\s+|\s+$', '', 'g') $$;

-- As `app.domain.places.stands_at`.
CREATE FUNCTION stands_at(address text, street text, housenumber text) RETURNS boolean LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE
        WHEN street IS NOT NULL AND housenumber IS NOT NULL THEN here = road || ' ' || number
        WHEN street IS NOT NULL THEN
            here = road OR (starts_with(here, road || ' ') AND substr(here, length(road) + 2) ~ '^[0-9]')
        ELSE housenumber IS NULL OR (number ~ '^[0-9]' AND right(here, length(number) + 1) = ' ' || number)
    END
    FROM (SELECT squeezed(address) AS here, squeezed(street) AS road, squeezed(housenumber) AS number) AS parts
$$;

-- As `app.store.connections.distance_m`.
CREATE FUNCTION distance_m(
    latitude double precision, longitude double precision, from_latitude double precision,
    from_longitude double precision
) RETURNS double precision LANGUAGE sql IMMUTABLE
AS $$
    SELECT 2 * 6371008.8 * asin(sqrt(least(1.0::double precision,
        sin((radians(latitude) - radians(from_latitude)) / 2) ^ 2
        + cos(radians(from_latitude)) * cos(radians(latitude))
        * sin(radians(longitude - from_longitude) / 2) ^ 2)))
    WHERE latitude IS NOT NULL AND longitude IS NOT NULL
$$;
