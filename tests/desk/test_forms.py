"""Plain forms: what they do, and that nothing typed is lost when they refuse."""

from httpx import AsyncClient, Response
from msgspec.structs import replace

from app.actions.cpos import list_cpos
from app.actions.labels import make_label
from app.actions.people import invite
from app.domain.expectations import Expectation
from app.domain.model import DeployState
from app.domain.people import SYSTEM, Device, Invite, Role
from app.domain.scan import Label
from app.domain.stations import PostChargeStation
from app.ports import Change, Ports, Put
from tests.conftest import ABC, FOREIGN_YARD, TWIN, XYZ, twin
from tests.conftest import person as worker
from tests.desk.conftest import Desk, Page, Work, sign_in

CPO = {
    "name": "Nova Charge",
    "country_code": "NL",
    "party_id": "nov",
    "default_tariff_id": "T-1",
    "charger_type": "Home",
    "release_on": "support",
    "language": "nl",
    "time_zone": "Europe/Amsterdam",
    "support_phone": "+31 30 123",
    "test_cards": "A1\nB2",
    "may_create_stations": "1",
    "required_trials": ["reach", "charge"],
    "accepts_no_load": "1",
}


def values(answer: Response) -> dict[str, str]:
    return {
        e.attributes["name"]: e.attributes.get("value", "")
        for e in Page(answer.text).tags("input")
        if "name" in e.attributes
    }


async def test_an_admin_makes_a_cpo_and_changes_it(ports: Ports, ada_desk: Desk) -> None:
    answer = await ada_desk.post("/desk/cpo", CPO)
    assert answer.status_code == 303 and answer.headers["location"] == "/desk/cpos"
    made = next(cpo for cpo in await list_cpos(ports, SYSTEM) if cpo.cpo_id == "Nova Charge")
    assert (made.party_id, made.charger_type.value, made.release_on.value) == ("NOV", "Home", "support")
    assert made.required_trials == ["reach", "charge"] and made.accepts_no_load and not made.findings_block
    assert made.test_cards == ["A1", "B2"] and made.may_create_stations and not made.may_create_locations
    form = await ada_desk.get("/desk/cpo", id="Nova Charge")
    assert values(form)["support_phone"] == "+31 30 123"
    changed = await ada_desk.post("/desk/cpo?id=Nova%20Charge", {**CPO, "default_tariff_id": "T-2", "name": "Nova"})
    assert changed.status_code == 303
    made = next(cpo for cpo in await list_cpos(ports, SYSTEM) if cpo.cpo_id == "Nova Charge")
    assert (made.name, made.default_tariff_id) == ("Nova", "T-2")


async def test_an_empty_time_zone_is_the_countrys_and_a_language_of_its_own_stays(ports: Ports, ada_desk: Desk) -> None:
    new = await ada_desk.get("/desk/cpo")
    assert values(new)["time_zone"] == ""
    form = {**CPO, "country_code": "CZ", "time_zone": "", "language": "cs"}
    assert (await ada_desk.post("/desk/cpo", form)).status_code == 303
    made = next(cpo for cpo in await list_cpos(ports, SYSTEM) if cpo.cpo_id == "Nova Charge")
    assert (made.time_zone, made.language) == ("Europe/Prague", "cs")
    page = Page((await ada_desk.get("/desk/cpo", id="Nova Charge")).text)
    chosen = [e.attributes["value"] for e in page.tags("option") if "selected" in e.attributes]
    assert "cs" in chosen


async def test_a_refused_cpo_form_keeps_what_was_typed_and_names_the_field(ports: Ports, ada_desk: Desk) -> None:
    for change, field in (
        ({"party_id": "toolong"}, "party_id"),
        ({"country_code": "XX"}, "country_code"),
        ({"default_tariff_id": " "}, "default_tariff_id"),
        ({"name": ABC}, "form"),
        ({"time_zone": "Nowhere/Zone"}, "time_zone"),
        ({"language": "zz"}, "language"),
        ({"party_id": "ABC"}, "party_id"),
    ):
        answer = await ada_desk.post("/desk/cpo", {**CPO, **change})
        assert answer.status_code == 422, change
        page = Page(answer.text)
        assert page.one(f"error-{field}").text
        assert values(answer)["support_phone"] == "+31 30 123"
        assert page.tags("textarea")[0].text == "A1\nB2"
        if field != "form":
            marked = [e for e in (*page.tags("input"), *page.tags("select")) if e.attributes.get("aria-invalid")]
            assert [e.attributes["name"] for e in marked] == [field]
    assert len(await list_cpos(ports, SYSTEM)) == 2


async def test_all_mistakes_of_a_cpo_form_are_shown_at_once(ports: Ports, ada_desk: Desk) -> None:
    wrong = {"party_id": "toolong", "country_code": "XX", "time_zone": "Mars/Base", "support_phone": "abc", "name": ""}
    page = Page((await ada_desk.post("/desk/cpo", {**CPO, **wrong})).text)
    assert all(page.one(f"error-{field}").text for field in wrong)
    assert len(await list_cpos(ports, SYSTEM)) == 2


async def test_a_party_id_is_one_cpos_in_its_country(ada_desk: Desk) -> None:
    page = Page((await ada_desk.post("/desk/cpo", {**CPO, "party_id": "abc"})).text)
    assert page.one("error-party_id").text.endswith(f"NL-ABC belongs to {ABC}")
    assert (await ada_desk.post("/desk/cpo", {**CPO, "country_code": "DE", "party_id": "abc"})).status_code == 303


async def test_nonsense_in_a_choice_changes_nothing(ports: Ports, ada_desk: Desk) -> None:
    answer = await ada_desk.post("/desk/cpo", {**CPO, "charger_type": "Spaceport"})
    assert answer.status_code == 422 and len(await list_cpos(ports, SYSTEM)) == 2


async def test_a_desk_opened_on_the_servers_own_machine_gives_the_link_for_it_too(sue_desk: Desk) -> None:
    form = {"role": "installer", "cpos": ABC, "minutes": "60"}
    own = {"Host": "localhost:8123", "Origin": "http://localhost:8123"}
    page = Page((await sue_desk.post("/desk/people/invite", form, **own)).text)
    token = page.one("invite-link").text.rsplit("/", 1)[1]
    assert page.one("invite-local").text == f"http://localhost:8123/#/join/{token}"


async def test_the_desk_names_the_zone_of_its_times(sue_desk: Desk) -> None:
    assert (await sue_desk.page("/desk")).one("zone").text == "Times: Amsterdam"


async def test_an_invitation_shows_link_and_code_once(ports: Ports, sue_desk: Desk) -> None:
    form = {"role": "installer", "cpos": ABC, "name": "Dirk", "phone": "+31 6 1", "minutes": "60"}
    answer = await sue_desk.post("/desk/people/invite", form)
    page = Page(answer.text)
    link, code = page.one("invite-link").text, page.one("invite-code").text.replace(" ", "")
    assert link.startswith("http://localhost:8000/#/join/") and code.isdigit() and len(code) == 6
    assert page.one("invite-qr") and not page.all("invite-local") and "(Amsterdam)" in answer.text
    ((record, _),) = await ports.store.find(Invite)
    assert (record.name, record.cpo_ids) == ("Dirk", [ABC])
    assert (record.expires - record.created).total_seconds() == 3600
    people = await sue_desk.get("/desk/people")
    assert "Dirk" in Page(people.text).one("open-invite").text
    assert link.rsplit("/", 1)[1] not in people.text and code not in people.text


async def test_a_refused_invitation_keeps_what_was_typed(ports: Ports, sue_desk: Desk) -> None:
    for form, field in (
        ({"role": "installer", "name": "Dirk"}, "cpos"),
        ({"cpos": ABC, "name": "Dirk"}, "role"),
        ({"role": "admin", "cpos": ABC, "name": "Dirk"}, "role"),
        ({"role": "installer", "cpos": XYZ, "name": "Dirk"}, "form"),
    ):
        answer = await sue_desk.post("/desk/people/invite", form)
        assert answer.status_code == 422, form
        assert Page(answer.text).one(f"error-{field}").text
        assert values(answer)["name"] == "Dirk"
    assert await ports.store.find(Invite) == []


async def test_a_lost_phone_is_signed_out_and_back_in(ports: Ports, client: AsyncClient, sue_desk: Desk) -> None:
    await sign_in(ports, client, "anna")
    answer = await sue_desk.post("/desk/people/devices/revoke", {"device": "anna-desk"})
    assert answer.status_code == 303
    ((device, _),) = await ports.store.find(Device, id="anna-desk")
    assert device.revoked_at is not None
    plain = sue_desk.headers["Cookie"]
    sue_desk.headers["Cookie"] = plain + "; " + answer.headers["set-cookie"].split(";")[0]
    page = await sue_desk.page("/desk/people")
    assert page.one("undo")
    sue_desk.headers["Cookie"] = plain
    await sue_desk.post("/desk/people/devices/restore", {"device": "anna-desk"})
    ((device, _),) = await ports.store.find(Device, id="anna-desk")
    assert device.revoked_at is None


async def test_devices_of_other_cpos_and_of_the_admin_are_out_of_reach(
    ports: Ports, client: AsyncClient, sue_desk: Desk
) -> None:
    for person in ("carl", "ada"):
        await sign_in(ports, client, person)
        answer = await sue_desk.post("/desk/people/devices/revoke", {"device": f"{person}-desk"})
        assert answer.status_code == 404
        ((device, _),) = await ports.store.find(Device, id=f"{person}-desk")
        assert device.revoked_at is None


async def test_people_and_invitations_name_no_cpo_of_others_and_offer_nothing_that_is_refused(
    ports: Ports, client: AsyncClient, sue_desk: Desk, ada_desk: Desk
) -> None:
    now = ports.clock.now()
    both = worker("pia", Role.INSTALLER, ABC, XYZ, now=now)
    await ports.store.commit(Change(writes=(Put(both),)))
    for name in ("pia", "anna"):
        await sign_in(ports, client, name)
    await invite(ports, SYSTEM, role=Role.INSTALLER, cpo_ids=[XYZ, ABC], name="Dirk")
    page = await sue_desk.page("/desk/people")
    shown = {row.text[:3]: row.text for row in page.all("person-row")}
    assert ABC in shown["Pia"] and "Dirk" in page.one("open-invite").text
    assert XYZ not in page.tags("main")[0].text
    assert "Sign this device out" in shown["Ann"] and "Sign this device out" not in shown["Pia"]
    everything = await ada_desk.page("/desk/people")
    assert f"{XYZ}, {ABC}" in everything.one("open-invite").text
    assert f"{ABC}, {XYZ}" in everything.tags("main")[0].text


async def test_labels_for_a_station_that_does_not_exist_yet(ports: Ports, sue_desk: Desk) -> None:
    answer = await sue_desk.post("/desk/labels", {"charge_station_id": "NEW 1|a", "sockets": "2"})
    assert answer.status_code == 303
    page = await sue_desk.page(answer.headers["location"])
    codes = [element.text for element in page.all("label-code")]
    labels = sorted(
        (label for label, _ in await ports.store.find(Label)), key=lambda each: each.evse_sequence_number or 0
    )
    assert codes == [label.code for label in labels]
    assert [label.evse_sequence_number for label in labels] == [None, 1, 2]
    assert "NEW 1|a" in (await sue_desk.page("/desk/labels")).one("label-row").text
    again = await sue_desk.post("/desk/labels", {"charge_station_id": "NEW 1|a", "sockets": "2"})
    assert again.headers["location"] == answer.headers["location"]


async def test_a_label_does_not_tell_whether_others_have_such_a_station(ports: Ports, sue_desk: Desk) -> None:
    for station_id in ("TAKEN-1", "FREE-1"):
        await make_label(ports, SYSTEM, charge_station_id=station_id, cpo_id=ABC)
    foreign = PostChargeStation(
        charge_station_id="TAKEN-1",
        location_id=FOREIGN_YARD,
        deploy_state=DeployState.STOCK,
        default_charge_station_tariff_id="T-AC",
        charge_station_template_id="xyz-twin",
    )
    await ports.platforms.builtin.save_template(SYSTEM, replace(twin("xyz-twin"), tenant_id=XYZ))
    await ports.platforms.builtin.create_station(SYSTEM, foreign)
    page = await sue_desk.page("/desk/labels")
    assert "TAKEN-1" in page.tags("main")[0].text and "FREE-1" in page.tags("main")[0].text


async def test_a_label_for_one_socket_of_a_known_station(ports: Ports, sue_desk: Desk, work: Work) -> None:
    await work.begin()
    await work.locate()
    await work.template()
    row = (await sue_desk.page("/desk/labels", q="utr")).one("label-row")
    assert "Socket 2" in row.text
    form = {"charge_station_id": "UTR-DEPOT-018", "cpo": ABC, "evse": "2"}
    assert (await sue_desk.post("/desk/labels", form)).status_code == 303
    ((label, _),) = await ports.store.find(Label)
    assert label.evse_sequence_number == 2


async def test_refused_labels_keep_what_was_typed(ports: Ports, ada_desk: Desk, sue_desk: Desk, work: Work) -> None:
    await work.begin()
    await work.locate()
    await work.template()
    for form, field in (
        ({"charge_station_id": "", "cpo": ABC}, "charge_station_id"),
        ({"charge_station_id": "NEW-1"}, "cpo"),
        ({"charge_station_id": "UTR-DEPOT-018", "cpo": XYZ}, "form"),
    ):
        answer = await ada_desk.post("/desk/labels", form)
        assert answer.status_code == 422, form
        assert Page(answer.text).one(f"error-{field}").text
        assert form["charge_station_id"] in [e.attributes.get("value") for e in Page(answer.text).tags("input")]
    foreign = await sue_desk.post("/desk/labels", {"charge_station_id": "NEW-1", "cpo": XYZ})
    assert foreign.status_code == 404
    assert await ports.store.find(Label) == []


async def test_what_a_model_should_say_is_written_at_the_desk_and_its_secret_is_not_shown_again(
    ports: Ports, sue_desk: Desk
) -> None:
    assert "/desk/model?id=" in (await sue_desk.get("/desk/models")).text
    where = f"/desk/model?id={TWIN}&cpo=ABC%20Charging"
    lines = "vendors: Alfen\nMaxCurrent = 32 # limit\nMeterPassword = s3cret # secret"
    assert (await sue_desk.post(where, {"lines": lines})).status_code == 303
    stored = await ports.store.get(Expectation, f"{ABC}|{TWIN}")
    assert stored is not None and [key.value for key in stored[0].keys] == ["32", "s3cret"]
    shown = (await sue_desk.get(where)).text
    assert "MaxCurrent = 32 # limit" in shown and "s3cret" not in shown
    assert "makers" not in shown and "three intervals are looked at: HeartbeatInterval = 1–3600, " in shown
    refused = await sue_desk.post(where, {"lines": "MaxCurrent 32"})
    assert refused.status_code == 422 and "MaxCurrent 32" in refused.text and "Line 1 is not clear" in refused.text
    twice = await sue_desk.post(where, {"lines": "vendors: Alfen\nA = 1\na = 2"})
    assert twice.status_code == 422 and "Name each key once, and not more than 100" in twice.text
    assert (await sue_desk.get(f"/desk/model?id={TWIN}&cpo=XYZ%20Power")).status_code == 404
    assert (await sue_desk.get("/desk/model?id=nothing&cpo=ABC%20Charging")).status_code == 404
