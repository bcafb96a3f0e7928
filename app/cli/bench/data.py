"""A database of any size for measuring: real documents of about 3.5 KB, written past the writer's queue."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from msgspec.structs import replace

from app.cli.demo_data import MODELS
from app.domain import commissioning, location_rules, station_rules
from app.domain.commissioning import Before, CommissioningKind
from app.domain.live import Boot, ConnectorState, Live, Registration, StationPassword, render
from app.domain.locations import LocationMaster, PostLocation
from app.domain.model import (
    ChargerType,
    DeployState,
    DisplayText,
    Evse,
    GeoLocation,
    ParkingRestriction,
    ProtocolVersion,
    utc,
)
from app.domain.people import Cpo, Device, Person, Role, Subscription, keyed_digest
from app.domain.station_rules import Place, Station
from app.domain.stations import PostChargeStation
from app.domain.writing import Stamp
from app.platforms.changes import new_station, put_location
from app.ports import Change, Put, PutEvses, PutLive, PutMaster
from app.store import changes, connections, digest_key, sqlite_steps
from app.store.folder import DATABASE
from app.store.migrations import migrate
from app.store.rows import moment
from app.store.stamps import Stamps, SystemTime
from app.web.sessions import COOKIE

KEY = "bench-key-of-this-run-only"
CPO = "Bench Charging"
PER_LOCATION = 50
MARK = "BENCH-STATION-ID"
PLACE = "11111111-2222-4333-8444-555555555555"
BLOCK = 5_000
TOLD = (
    "Enter by the northern gate and follow the blue line to the second row behind the wash bay; the socket is on the "
    "left of the pillar, at hip height. In the evening the barrier opens with the intercom: say the number of the bay."
)


def fill(folder: Path, stations: int, now: datetime | None = None) -> None:
    """A fresh data folder with so many stations, one location for each PER_LOCATION, and a subscription with KEY."""
    at = now or datetime.now(UTC)
    key = digest_key.read_or_make(folder)
    migrate(folder / DATABASE)
    with closing(_opened(folder)) as connection:
        _write(connection, [_people(key, at)])
        _write(connection, _locations(-(-stations // PER_LOCATION), at))
        _write(connection, _stations(stations, at))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def wake(folder: Path, now: datetime | None = None) -> None:
    """Every station is online, and last changed at some moment of the last 24 hours: one in 24 in the last hour.

    Beside the running server, which takes all for offline when it starts.
    """
    with closing(connections.writer(folder / DATABASE)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("UPDATE station_live SET online = 1")
        _spread(connection, now or datetime.now(UTC))


def let_in(folder: Path, stations: int, password: str, now: datetime | None = None) -> None:
    """Every station has this OCPP password. Before a server runs."""
    at, key = now or datetime.now(UTC), digest_key.read_or_make(folder)
    names = map(station_id, range(stations))
    passwords = ((name, keyed_digest(key, f"{name}:{password}".encode())) for name in names)
    put = (
        Change(writes=(Put(StationPassword(charge_station_id=name, digest=digest, set_at=at, cpo_id=CPO)),))
        for name, digest in passwords
    )
    with closing(_opened(folder)) as connection:
        _write(connection, put)


def cookie(number: int) -> str:
    """The Cookie header of a phone that `watched` signed in."""
    return f"{COOKIE}=bench-phone-{number}"


def watched(folder: Path, phones: int, now: datetime | None = None) -> None:
    """An installer, signed in on so many phones, commissions station 0. Before a server runs."""
    at, key = now or datetime.now(UTC), digest_key.read_or_make(folder)
    person = Person(id="bench-installer", name="Bench", role=Role.INSTALLER, cpo_ids=[CPO], created=at)
    devices = (
        Device(
            digest=keyed_digest(key, f"device:bench-phone-{number}"),
            id=f"bench-phone-{number}",
            person_id=person.id,
            name="Bench",
            created=at,
            seen=at,
        )
        for number in range(phones)
    )
    work = commissioning.begin(
        id="bench-commissioning",
        cpo=_cpo(at),
        charge_station_id=station_id(0),
        kind=CommissioningKind.NEW,
        person_id=person.id,
        before=Before(existed=True),
        now=at,
        location_id=location_id(0),
    )
    with closing(_opened(folder)) as connection:
        _write(connection, [Change(writes=tuple(map(Put, (person, work, *devices))))])


def _opened(folder: Path) -> sqlite3.Connection:
    """Durability is for data that is kept."""
    connection = Stamps(SystemTime()).installed(connections.writer(folder / DATABASE))
    connection.execute("PRAGMA synchronous=OFF")
    return connection


def _write(connection: sqlite3.Connection, all_changes: Iterator[Change] | list[Change]) -> None:
    connection.execute("BEGIN")
    for number, change in enumerate(all_changes):
        sqlite_steps.run(connection, changes.plan(change))
        if number % BLOCK == BLOCK - 1:
            connection.execute("COMMIT")
            connection.execute("BEGIN")
    connection.execute("COMMIT")


def _spread(connection: sqlite3.Connection, at: datetime) -> None:
    dice = random.Random(24)
    rows = connection.execute("SELECT row_id FROM station_stamps").fetchall()
    when = ((moment(at - timedelta(seconds=dice.uniform(0, 86_400))), row[0]) for row in rows)
    connection.execute("BEGIN")
    connection.executemany("UPDATE station_stamps SET written = ? WHERE row_id = ?", when)
    connection.execute("UPDATE station_stamps SET own = written")
    connection.execute("COMMIT")


def _cpo(at: datetime) -> Cpo:
    return Cpo(
        cpo_id=CPO,
        country_code="NL",
        party_id="BEN",
        name=CPO,
        default_tariff_id="T-AC-2026",
        charger_type=ChargerType.PUBLIC,
        created=at,
    )


def _people(key: bytes, at: datetime) -> Change:
    subscription = Subscription(
        key_digest=keyed_digest(key, KEY),
        id="bench",
        name="bench",
        cpo_ids=[CPO],
        modules={"chargestations": "rw", "locations": "rw"},
        per_minute=0,
        created=at,
    )
    return Change(writes=(Put(_cpo(at)), Put(subscription)))


def _locations(many: int, at: datetime) -> Iterator[Change]:
    dice = random.Random(7)
    model = location_rules.create(_place(), _cpo(at), PLACE, Stamp(etag=PLACE, at=utc(at)))
    for number in range(many):
        here = GeoLocation(f"{dice.uniform(50.8, 53.4):.6f}", f"{dice.uniform(3.6, 7.1):.6f}")
        made: LocationMaster = replace(model, id=location_id(number), name=f"Site {number}", coordinates=here)
        yield Change(writes=(put_location(made, 0),))


def _place() -> PostLocation:
    return PostLocation(
        cpo_id=CPO,
        name="Site",
        address="Industrieweg 12",
        city="Utrecht",
        postal_code="3542AD",
        country="NLD",
        directions=[DisplayText("en", TOLD)],
        coordinates=GeoLocation("52.090740", "5.121420"),
    )


def location_id(number: int) -> str:
    return f"11111111-2222-4333-8444-{number:012d}"


def station_id(number: int) -> str:
    return f"BENCH-{number:07d}"


def _stations(many: int, at: datetime) -> Iterator[Change]:
    """The rules make one; the others are its documents with another id."""
    model = _model(utc(at))
    master, evses, live = new_station(model, CPO, at).writes
    assert isinstance(master, PutMaster) and isinstance(evses, PutEvses) and isinstance(live, PutLive)
    heard = _heard(model, at, live)
    for number in range(many):
        old, new = MARK.encode(), station_id(number).encode()
        place = location_id(number // PER_LOCATION)
        yield Change(
            writes=(
                replace(
                    master,
                    charge_station_id=station_id(number),
                    location_id=place,
                    name=f"Row {number}",
                    body=master.body.replace(old, new).replace(PLACE.encode(), place.encode()),
                ),
                replace(evses, charge_station_id=station_id(number), body=evses.body.replace(old, new)),
                replace(heard, charge_station_id=station_id(number), body=heard.body.replace(old, new)),
            )
        )


def _model(at: datetime) -> Station:
    post = PostChargeStation(
        charge_station_id=MARK,
        location_id=PLACE,
        name="Depot north row",
        deploy_state=DeployState.PRODUCTION,
        default_charge_station_tariff_id="T-AC-2026",
        charger_type=ChargerType.PUBLIC,
        default_charge_station_directions=[DisplayText("en", TOLD)],
        remarks=TOLD,
    )
    template = MODELS[0]
    made = station_rules.create(post, Place(location_id=PLACE, cpo=_cpo(at)), template, Stamp(etag=PLACE, at=at))
    return replace(made, evses=[_described(evse) for evse in made.evses])


def _described(evse: Evse) -> Evse:
    texts = [DisplayText("en", TOLD), DisplayText("nl", TOLD)]
    restrictions = [ParkingRestriction.EV_ONLY, ParkingRestriction.CUSTOMERS]
    return replace(evse, directions=texts, parking_restrictions=restrictions, floor_level="-1")


def _heard(model: Station, at: datetime, write: PutLive) -> PutLive:
    boot = Boot(charge_point_vendor="Bench", charge_point_model="Twin 4", firmware_version="3.2.1")
    live = Live(
        charge_station_id=MARK,
        registration=Registration.ACCEPTED,
        boot=boot,
        booted=at,
        protocol_version=ProtocolVersion.OCPP16,
        connection_id="bench",
        online_since=at,
        seen=at,
        connectors={str(n): ConnectorState(status="Available", at=at) for n in range(1, len(model.evses) + 1)},
    )
    shown, shown_evses = render(live, model.evses, model.master.deploy_state)
    return replace(write, body=msgspec.json.encode(live), shown=shown, shown_evses=shown_evses)
