-- Documents as JSON bytes with a rev and the few columns that are queried. Times are UTC text of fixed width, so that
-- they compare as text. `row_id` is the order of arrival; it is declared so that VACUUM keeps it.

CREATE TABLE facts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    cpo_id TEXT,
    charge_station_id TEXT,
    commissioning_id TEXT,
    person_id TEXT,
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX facts_of_cpo ON facts (cpo_id, seq);
CREATE INDEX facts_of_station ON facts (charge_station_id, seq);
CREATE INDEX facts_of_commissioning ON facts (commissioning_id, seq);
CREATE INDEX facts_of_person ON facts (person_id, kind, seq) WHERE person_id IS NOT NULL;

CREATE TABLE station_master (
    row_id INTEGER PRIMARY KEY,
    charge_station_id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    cpo_id TEXT NOT NULL,
    location_id TEXT NOT NULL,
    location_key TEXT NOT NULL,
    deploy_state TEXT NOT NULL,
    etag TEXT NOT NULL,
    created TEXT NOT NULL,
    modified TEXT NOT NULL,
    name TEXT,
    search TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX station_master_created ON station_master (created);
CREATE INDEX station_master_of_cpo ON station_master (cpo_id, created);
CREATE INDEX station_master_of_location ON station_master (location_key, created);
CREATE INDEX station_master_modified ON station_master (modified);

CREATE TABLE station_evses (
    charge_station_id TEXT NOT NULL PRIMARY KEY REFERENCES station_master (charge_station_id) ON DELETE CASCADE,
    rev INTEGER NOT NULL,
    modified TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX station_evses_modified ON station_evses (modified);

-- `offline_reason` is set when a restart marked the station offline without touching its document.
CREATE TABLE station_live (
    charge_station_id TEXT NOT NULL PRIMARY KEY REFERENCES station_master (charge_station_id) ON DELETE CASCADE,
    rev INTEGER NOT NULL,
    online INTEGER NOT NULL,
    changed TEXT NOT NULL,
    offline_reason TEXT,
    body BLOB NOT NULL,
    shown BLOB NOT NULL,
    shown_evses BLOB NOT NULL
);
CREATE INDEX station_live_changed ON station_live (changed);
CREATE INDEX station_live_online ON station_live (online) WHERE online = 1;

-- `evses_modified` is the newest change of a station or EVSE here, also of one that has left since.
CREATE TABLE locations (
    row_id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    cpo_id TEXT NOT NULL,
    created TEXT NOT NULL,
    modified TEXT NOT NULL,
    evses_modified TEXT,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    city TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    country TEXT NOT NULL,
    latitude REAL,
    longitude REAL,
    search TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX locations_created ON locations (created);
CREATE INDEX locations_of_cpo ON locations (cpo_id, created);
CREATE INDEX locations_modified ON locations (modified);
CREATE INDEX locations_evses_modified ON locations (evses_modified);
CREATE INDEX locations_latitude ON locations (latitude);

CREATE TABLE cpos (
    row_id INTEGER PRIMARY KEY,
    cpo_id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    body BLOB NOT NULL
);

CREATE TABLE people (
    row_id INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    role TEXT,
    phone TEXT,
    body BLOB NOT NULL
);
CREATE INDEX people_phone ON people (phone);

CREATE TABLE invites (
    row_id INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    link_digest TEXT,
    code_digest TEXT,
    expires TEXT,
    used_at TEXT,
    body BLOB NOT NULL
);
CREATE INDEX invites_link ON invites (link_digest);
CREATE INDEX invites_code ON invites (code_digest);

CREATE TABLE devices (
    row_id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    id TEXT,
    person_id TEXT,
    revoked_at TEXT,
    body BLOB NOT NULL
);
CREATE INDEX devices_id ON devices (id);
CREATE INDEX devices_of_person ON devices (person_id);

CREATE TABLE subscriptions (
    row_id INTEGER PRIMARY KEY,
    key_digest TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    id TEXT,
    revoked_at TEXT,
    body BLOB NOT NULL
);
CREATE INDEX subscriptions_id ON subscriptions (id);

CREATE TABLE templates (
    row_id INTEGER PRIMARY KEY,
    template_id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    tenant_id TEXT,
    body BLOB NOT NULL
);
CREATE INDEX templates_of_tenant ON templates (tenant_id);

CREATE TABLE commissionings (
    row_id INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    cpo_id TEXT,
    charge_station_id TEXT,
    location_id TEXT,
    state TEXT,
    person_id TEXT,
    begun TEXT,
    changed TEXT,
    handed_over TEXT,
    body BLOB NOT NULL
);
CREATE UNIQUE INDEX commissionings_one_open ON commissionings (charge_station_id) WHERE state = 'open';
CREATE INDEX commissionings_of_station ON commissionings (charge_station_id, begun);
CREATE INDEX commissionings_of_location ON commissionings (location_id) WHERE location_id IS NOT NULL;
CREATE INDEX commissionings_of_person ON commissionings (person_id, state, changed);
CREATE INDEX commissionings_of_cpo ON commissionings (cpo_id, state, changed);
CREATE INDEX commissionings_changed ON commissionings (state, changed);

CREATE TABLE labels (
    row_id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    cpo_id TEXT,
    charge_station_id TEXT,
    body BLOB NOT NULL
);
CREATE INDEX labels_of_station ON labels (charge_station_id);
CREATE INDEX labels_of_cpo ON labels (cpo_id);

CREATE TABLE knocks (
    row_id INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    at TEXT,
    identity TEXT,
    charge_station_id TEXT,
    cpo_id TEXT,
    reason TEXT,
    body BLOB NOT NULL
);
CREATE INDEX knocks_at ON knocks (at);
CREATE INDEX knocks_of_station ON knocks (charge_station_id, at);
CREATE INDEX knocks_of_identity ON knocks (identity, at);
CREATE INDEX knocks_of_cpo ON knocks (cpo_id, at);

CREATE TABLE transactions (
    row_id INTEGER PRIMARY KEY,
    id INTEGER NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    charge_station_id TEXT,
    started TEXT,
    stopped TEXT,
    body BLOB NOT NULL
);
CREATE INDEX transactions_of_station ON transactions (charge_station_id, started);

CREATE TABLE station_passwords (
    row_id INTEGER PRIMARY KEY,
    charge_station_id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    body BLOB NOT NULL
);

CREATE TABLE operations (
    row_id INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    person_id TEXT,
    commissioning_id TEXT,
    charge_station_id TEXT,
    at TEXT,
    body BLOB NOT NULL
);
CREATE INDEX operations_of_commissioning ON operations (commissioning_id, at);
CREATE INDEX operations_of_person ON operations (person_id, at);
CREATE INDEX operations_of_station ON operations (charge_station_id, at);
