"""A station that is replaced or patched: what is cleared, what stays, and who may."""

from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from app.domain import station_rules as rules
from app.domain.errors import EtagMismatch, InvalidField, MissingField, OtherCpo
from app.domain.model import (
    AuthRule,
    AuthRuleType,
    ConnectorFormat,
    ConnectorPatch,
    Evse,
    EvsePatch,
)
from app.domain.people import ReleaseOn
from app.domain.station_rules import Place, Station
from tests.domain.documents import (
    CPO,
    DUTCH,
    LATER,
    NOW,
    PLACE,
    REQUIRED,
    SECOND,
    WIRE,
    connector,
    patch,
    patch_evse,
    put,
    replace,
    station,
    template,
)

# --- Replace ---------------------------------------------------------------------------------------------------------


def test_a_put_clears_the_optional_fields_it_leaves_out() -> None:
    full = station(name="Depot 17", remarks="x", tap_to_stop=True, auth_rules=[AuthRule(AuthRuleType.HOME_TOKEN, "A")])
    after = replace(full, put(name="Depot 18")).master
    assert (after.name, after.remarks, after.tap_to_stop, after.auth_rules) == ("Depot 18", None, None, [])


@pytest.mark.parametrize("evses", [UNSET, None])
def test_a_put_without_evses_and_template_keeps_the_evses(evses: Any) -> None:
    before = station()
    after = replace(before, put(evses=evses))
    assert after.evses == before.evses


def test_a_put_with_no_evses_at_all_is_refused() -> None:
    with pytest.raises(InvalidField, match="evses"):
        replace(station(), put(evses=[]))


def test_a_put_with_evses_replaces_the_set_and_what_an_evse_says() -> None:
    before = patch(station(), evses=[EvsePatch(evse_sequence_number=2, floor_level="-1", directions=[DUTCH])])
    kept = msgspec.structs.replace(before.evses[1], directions=None)
    after = replace(before, put(evses=[kept], etag="etag-2"))
    assert [(evse.evse_sequence_number, evse.floor_level, evse.directions) for evse in after.evses] == [(2, "-1", [])]


def test_a_put_evse_without_uid_keeps_the_uid_of_its_number() -> None:
    before = station(evses=[Evse(uid="U", evse_id="E", evse_sequence_number=3, connectors=[connector()])])
    after = replace(before, put(evses=[Evse(evse_sequence_number=3, connectors=[connector()])]))
    assert (after.evses[0].uid, after.evses[0].evse_id) == ("U", "E")


def test_a_put_evse_without_number_keeps_the_number_of_its_uid() -> None:
    before = station()
    second = Evse(uid="NL-ABC-EUTR-017-2", connectors=[connector()])
    assert replace(before, put(evses=[second])).evses[0].evse_sequence_number == 2


def test_a_put_with_a_template_rebuilds_the_evses_and_tells_what_is_lost() -> None:
    before = patch(station(), evses=[EvsePatch(evse_sequence_number=2, directions=[DUTCH])])
    after = replace(before, put(charge_station_template_id="twin", etag="etag-2"), template=template(1))
    assert (len(after.evses), after.lost_texts) == (1, [2])


@pytest.mark.parametrize("etag", [UNSET, None, ""])
def test_a_put_needs_an_etag(etag: Any) -> None:
    with pytest.raises(MissingField, match="etag"):
        replace(station(), put(etag=etag))


def test_a_stale_etag_is_answered_with_what_is_stored() -> None:
    for write in (lambda: replace(station(), put(etag="etag-0")), lambda: patch(station(), etag="etag-0")):
        with pytest.raises(EtagMismatch, match="charge station") as stale:
            write()
        assert stale.value.current == WIRE


def test_an_etag_is_compared_in_any_case_and_none_matches_a_station_without() -> None:
    assert replace(station(), put(etag="ETAG-1")).master.etag == "etag-2"
    legacy = station()
    legacy.master.etag = None
    with pytest.raises(EtagMismatch):
        replace(legacy, put())
    assert patch(legacy).master.etag == "etag-2"


@pytest.mark.parametrize(
    "sent, error", [("utr-017", InvalidField), ("UTR-018", InvalidField), (UNSET, MissingField), (None, MissingField)]
)
def test_the_body_repeats_the_id_of_the_path(sent: Any, error: type) -> None:
    with pytest.raises(error, match="charge_station_id"):
        replace(station(), put(charge_station_id=sent))
    with pytest.raises(error, match="charge_station_id"):
        patch(station(), charge_station_id=sent)


def test_every_write_gives_a_new_etag_and_tells_who_and_when() -> None:
    for after in (
        replace(station(), put()),
        patch(station()),
        rules.apply_template(station(), template(), PLACE, SECOND),
    ):
        master = after.master
        assert (master.etag, master.modified, master.modified_by) == ("etag-2", LATER, "Ben")
        assert (master.created, master.created_by) == (NOW, "Anna")


def test_a_station_does_not_move_to_another_cpo() -> None:
    other = msgspec.structs.replace(CPO, cpo_id="XYZ", release_on=ReleaseOn.SUPPORT)
    there = Place(location_id="yard-9", cpo=other)
    with pytest.raises(OtherCpo):
        replace(station(), put(location_id="yard-9"), there)
    with pytest.raises(OtherCpo):
        patch(station(), there, location_id="yard-9")


def test_a_station_moves_within_its_cpo_and_takes_the_locations_own_spelling() -> None:
    there = Place(location_id="YARD-2", cpo=CPO)
    assert replace(station(), put(location_id="yard-2"), there).master.location_id == "YARD-2"
    assert patch(station(), there, location_id="yard-2").master.location_id == "YARD-2"


# --- Patch -----------------------------------------------------------------------------------------------------------


def test_a_patch_changes_only_what_is_there() -> None:
    before = station(name="Depot 17", remarks="x")
    after = patch(before, remarks="y")
    expected = msgspec.structs.replace(before.master, remarks="y", etag="etag-2", modified=LATER, modified_by="Ben")
    assert after == Station(master=expected, evses=before.evses)


@pytest.mark.parametrize("field", [*REQUIRED, "charger_type"])
def test_null_for_a_required_field_is_refused(field: str) -> None:
    with pytest.raises(MissingField, match=field):
        patch(station(), **{field: None})


def test_null_clears_an_optional_field_and_empties_an_array() -> None:
    full = station(name="Depot", auth_rules=[AuthRule(AuthRuleType.HOME_TOKEN, "A")])
    after = patch(full, name=None, auth_rules=None).master
    assert (after.name, after.auth_rules) == (None, [])


def test_an_evse_is_found_by_uid_before_its_number() -> None:
    patched = patch(station(), evses=[EvsePatch(uid="NL-ABC-EUTR-017-2", floor_level="1")])
    assert [evse.floor_level for evse in patched.evses] == [None, "1"]
    by_number = patch(station(), evses=[EvsePatch(evse_sequence_number=2, floor_level="1")])
    assert by_number.evses == patched.evses


@pytest.mark.parametrize(
    "element, error",
    [
        (EvsePatch(uid="nobody", evse_sequence_number=1), InvalidField),
        (EvsePatch(evse_sequence_number=3), InvalidField),
        (EvsePatch(floor_level="1"), MissingField),
        (EvsePatch(evse_sequence_number=1, connectors=[ConnectorPatch(id="9")]), InvalidField),
        (EvsePatch(evse_sequence_number=1, connectors=None), InvalidField),
        (EvsePatch(uid="NL-ABC-EUTR-017-1", evse_sequence_number=None), MissingField),
        (EvsePatch(uid="NL-ABC-EUTR-017-1", evse_sequence_number=2), InvalidField),
        (EvsePatch(evse_sequence_number=1, connectors=[ConnectorPatch(id="1", voltage=None)]), MissingField),
        (
            EvsePatch(evse_sequence_number=1, connectors=[ConnectorPatch(id="1", format=ConnectorFormat.CABLE)]),
            None,
        ),
        (EvsePatch(evse_sequence_number=1, connectors=[ConnectorPatch(id="1", standard="CHADEMO")]), InvalidField),
    ],
)
def test_a_patch_neither_adds_nor_breaks_an_evse(element: EvsePatch, error: type | None) -> None:
    if error is None:
        assert patch(station(), evses=[element]).evses
        return
    with pytest.raises(error, match="evses"):
        patch(station(), evses=[element])


def test_the_rest_of_an_evse_stays_and_null_empties_its_arrays() -> None:
    full = patch(
        station(),
        evses=[EvsePatch(evse_sequence_number=1, floor_level="1", directions=[DUTCH], capabilities=["RFID_READER"])],
    )
    after = patch_evse(full, directions=None, physical_reference="17A")
    assert (after.directions, after.physical_reference, after.floor_level) == ([], "17A", "1")
    assert after.capabilities == ["RFID_READER"]


def test_a_connector_is_merged_by_id_and_only_it_is_newer() -> None:
    after = patch(
        station(), evses=[EvsePatch(evse_sequence_number=2, connectors=[ConnectorPatch(id="2", amperage=16)])]
    )
    first, second = ((evse.connectors or [])[0] for evse in after.evses)
    assert (first.last_updated, first.amperage) == (NOW, 32)
    assert (second.last_updated, second.amperage, second.voltage) == (LATER, 16, 230)


@pytest.mark.parametrize("evses", [None, []])
def test_a_patch_without_elements_leaves_the_evses(evses: Any) -> None:
    assert patch(station(), evses=evses).evses == station().evses
