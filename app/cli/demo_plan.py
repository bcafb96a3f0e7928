"""Which station of the demo is where, how far, by whom and since when."""

from datetime import timedelta

from msgspec import Struct

from app.cli.demo_data import HOMES, PUBLIC


class Plan(Struct, frozen=True, kw_only=True):
    """One station. `place` counts in the places of its CPO, 0 being the warehouse; `begun` is how long ago.

    `steps` are the commissioning steps done in order; without a `person` it only lies in stock.
    """

    station_id: str
    cpo_id: str
    template_id: str
    place: int = 0
    person: int | None = None
    begun: timedelta = timedelta()
    steps: tuple[str, ...] = ()
    parked: tuple[str, str, int] | None = None
    known: bool = True


ALL = ("location", "hardware", "texts", "password", "online", "test", "hand_over")


def _stock(cpo_id: str, template_id: str, *ids: str) -> list[Plan]:
    return [Plan(station_id=each, cpo_id=cpo_id, template_id=template_id) for each in ids]


def _done(station_id: str, template_id: str, place: int, person: int, days: float) -> Plan:
    cpo_id = PUBLIC if station_id.startswith("DSL") else HOMES
    return Plan(
        station_id=station_id,
        cpo_id=cpo_id,
        template_id=template_id,
        place=place,
        person=person,
        begun=timedelta(days=days),
        steps=ALL,
    )


def _busy(
    station_id: str,
    template_id: str,
    place: int,
    person: int,
    hours: float,
    steps: int,
    parked: tuple[str, str, int] | None = None,
    *,
    known: bool = True,
) -> Plan:
    cpo_id = PUBLIC if station_id.startswith("DSL") else HOMES
    return Plan(
        station_id=station_id,
        cpo_id=cpo_id,
        template_id=template_id,
        place=place,
        person=person,
        begun=timedelta(hours=hours),
        steps=ALL[:steps],
        parked=parked,
        known=known,
    )


STOCK = [
    *_stock(PUBLIC, "ac-twin-22", "DSL-AC-0133", "DSL-AC-0134", "DSL-AC-0135", "DSL-AC-0136"),
    *_stock(PUBLIC, "ac-socket-22", "DSL-AC-0137", "DSL-AC-0138"),
    *_stock(PUBLIC, "dc-150-twin", "DSL-DC-0027"),
    *_stock(PUBLIC, "dc-50-ccs-chademo", "DSL-DC-0028"),
    *_stock(PUBLIC, "street-light-3", "DSL-LM-0009"),
    *_stock(HOMES, "wallbox-7", "EOP-10427", "EOP-10428", "EOP-10429"),
    *_stock(HOMES, "ac-cable-11", "EOP-10430"),
]

REFUSED = "DSL-DC-0026"
"""Its password was typed wrongly, and then as hexadecimal: the desk shows its refused attempts."""

BUSY = [
    _busy("DSL-AC-0128", "ac-twin-22", 3, 0, 2.5, 3),
    _busy("DSL-AC-0129", "ac-twin-22", 8, 1, 5, 2),
    _busy("DSL-AC-0130", "ac-socket-22", 9, 2, 26, 1),
    _busy("DSL-DC-0025", "dc-300-twin", 13, 1, 50, 4, ("power", "Netbeheerder sluit aan na de kabelschouw", 6)),
    _busy(REFUSED, "dc-150-twin", 11, 2, 3, 4),
    _busy("DSL-LM-0008", "street-light-3", 7, 0, 30, 6),
    _busy("EOP-10425", "wallbox-7", 5, 3, 1.5, 3),
    _busy("EOP-10426", "ac-cable-11", 8, 3, 0.7, 1, known=False),
]

DONE = [
    _done("DSL-AC-0101", "ac-twin-22", 1, 1, 23.2),
    _done("DSL-AC-0102", "ac-twin-22", 1, 1, 23.1),
    _done("DSL-DC-0017", "dc-150-twin", 13, 2, 21.3),
    _done("EOP-10409", "wallbox-7", 1, 3, 20.2),
    _done("DSL-AC-0107", "ac-twin-22", 2, 1, 19.3),
    _done("DSL-AC-0108", "ac-socket-22", 15, 2, 18.1),
    _done("EOP-10412", "wallbox-7", 2, 3, 16.4),
    _done("DSL-LM-0003", "street-light-3", 7, 1, 15.3),
    _done("DSL-LM-0004", "street-light-3", 10, 1, 15.1),
    _done("DSL-DC-0021", "dc-50-ccs-chademo", 5, 2, 13.2),
    _done("EOP-10415", "ac-cable-11", 3, 2, 12.3),
    _done("DSL-AC-0114", "ac-twin-22", 6, 0, 11.2),
    _done("DSL-AC-0115", "ac-twin-22", 6, 0, 11.1),
    _done("EOP-10418", "wallbox-7", 4, 3, 9.3),
    _done("DSL-AC-0119", "ac-twin-22", 16, 1, 8.2),
    _done("DSL-AC-0120", "ac-cable-11", 17, 2, 7.4),
    _done("EOP-10420", "wallbox-7", 6, 3, 6.2),
    _done("DSL-DC-0024", "dc-300-twin", 11, 1, 4.3),
    _done("EOP-10422", "wallbox-7", 7, 2, 2.2),
    _done("DSL-AC-0126", "ac-twin-22", 18, 0, 1.2),
]

UNRELEASED = "EOP-10422"
"""Handed over, and waiting for support to put it on the map."""

STATIONS = [*STOCK, *BUSY, *DONE]

AWAKE = ("DSL-LM-0008", "DSL-AC-0126")
"""Their virtual stations are switched on with the demo: something is live before anybody touches a switch."""
