"""The platform of a CPO: a token is tried before it is kept, kept encrypted, and counts from the next use on."""

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from litestar import Litestar

from app.actions.platforms import checked_ocpp_url, checked_platform, choose_platform
from app.api.fold import fold_paths
from app.api.routes import router
from app.bus import Bus
from app.domain.customers import PostCpoCustomer
from app.domain.environments import BUILTIN
from app.domain.errors import (
    InvalidField,
    MissingField,
    NotAllowed,
    PlatformInUse,
    PlatformUnavailable,
    StoreUnavailable,
    TokenOfOthers,
    TokenRefused,
    UnknownStation,
)
from app.domain.people import SYSTEM, Actor, Cpo, Role, Subscription, keyed_digest
from app.platforms.remote import RemotePlatform
from app.platforms.remote.choice import PlatformChoice
from app.ports import Change, Ports, Put
from app.settings import Settings
from app.store.vault import Vault
from tests.conftest import ABC, XYZ, make_cpo
from tests.contract.platform_fixtures import serving

NEW = "New Power"


async def key_for(ports: Ports, key: str, *cpos: str, **modules: str) -> str:
    rights = modules or {"chargestations": "rw", "locations": "rw"}
    record = Subscription(
        key_digest=keyed_digest(ports.digest_key, key),
        id=key,
        name=key,
        cpo_ids=list(cpos),
        modules=rights,
        created=ports.clock.now(),
    )
    await ports.store.commit(Change(writes=(Put(record),)))
    return key


@pytest.fixture
async def vendor(ports: Ports) -> AsyncIterator[str]:
    app = Litestar([router(ports, Bus(ports.store), Settings())], openapi_config=None)
    async with serving(fold_paths(app)) as url:
        yield url


@pytest.fixture
async def house(ports: Ports) -> AsyncIterator[Ports]:
    """The same store, seen by a house that may choose platforms; NEW has nothing anywhere."""
    await ports.store.commit(Change(writes=(Put(make_cpo(NEW, "NEW", ports.clock.now())),)))
    vault = Vault(ports.digest_key)
    choice = PlatformChoice(ports.platforms.builtin, ports.store, ports.clock, ports.ids, vault, ports.endpoints, 5.0)
    yield replace(ports, platforms=choice)
    await choice.close()


async def cpo(ports: Ports, name: str = NEW) -> Cpo:
    found = await ports.store.get(Cpo, name)
    assert found is not None
    return found[0]


async def test_a_token_that_opens_the_cpo_is_kept_encrypted_and_used(house: Ports, vendor: str) -> None:
    token = await key_for(house, "key-of-new-power", NEW)
    chosen = await choose_platform(house, SYSTEM, NEW, platform=vendor, token=token, ocpp_url="wss://ocpp.example.com/")
    assert chosen.access["other"].modules == ["chargestations", "locations", "templates"]
    kept = await cpo(house)
    assert (kept.platform, kept.platform_ocpp_url) == (vendor, "wss://ocpp.example.com")
    assert token.encode() not in msgspec.json.encode(kept)
    assert all(token.encode() not in msgspec.json.encode(fact) for fact in await house.store.facts())
    platform = house.platforms.of(kept)
    assert isinstance(platform, RemotePlatform)
    assert [each.template_id for each in await platform.templates(SYSTEM)] == []
    assert house.platforms.of(kept) is platform
    fresh = await key_for(house, "fresh-key-of-new-power", NEW)
    await choose_platform(house, SYSTEM, NEW, platform=vendor, token=fresh)
    assert house.platforms.of(await cpo(house)) is not platform


async def test_a_token_of_others_or_without_a_module_or_unknown_changes_nothing(house: Ports, vendor: str) -> None:
    foreign = await key_for(house, "key-of-abc-charging", ABC)
    with pytest.raises(TokenOfOthers) as others:
        await choose_platform(house, SYSTEM, NEW, platform=vendor, token=foreign)
    assert others.value.detail["cpos"] == [ABC]
    half = await key_for(house, "key-for-half-of-it", NEW, locations="rw")
    with pytest.raises(TokenRefused) as refused:
        await choose_platform(house, SYSTEM, NEW, platform=vendor, token=half)
    assert refused.value.detail["modules"] == ["chargestations", "templates"]
    with pytest.raises(TokenRefused):
        await choose_platform(house, SYSTEM, NEW, platform=vendor, token="nobody-knows-this")
    with pytest.raises(PlatformUnavailable):
        await choose_platform(house, SYSTEM, NEW, platform="http://127.0.0.1:1", token="x")
    assert (await cpo(house)).platform == "builtin"


async def test_a_cpo_with_something_on_its_platform_stays_there(house: Ports, vendor: str) -> None:
    token = await key_for(house, "key-of-abc-charging", ABC)
    with pytest.raises(PlatformInUse) as error:
        await choose_platform(house, SYSTEM, ABC, platform=vendor, token=token)
    assert error.value.detail["locations"] == 2


async def test_a_cpo_that_has_nothing_but_a_customer_stays_there_too(house: Ports, vendor: str) -> None:
    wanted = PostCpoCustomer(name="Buses", cpo_id=NEW, external_id="C-1")
    await house.platforms.builtin.create_customer(SYSTEM, wanted)
    with pytest.raises(PlatformInUse) as error:
        await choose_platform(house, SYSTEM, NEW, platform=vendor, token="x")
    assert error.value.detail["customers"] == 1


async def test_a_kept_token_goes_to_no_other_address(house: Ports, vendor: str) -> None:
    token = await key_for(house, "key-of-new-power", NEW)
    await choose_platform(house, SYSTEM, NEW, platform=vendor, token=token)
    with pytest.raises(MissingField):
        await choose_platform(house, SYSTEM, NEW, platform="https://elsewhere.example.com")
    moved = msgspec.structs.replace(await cpo(house), platform="http://127.0.0.1:9")
    with pytest.raises(StoreUnavailable):
        house.platforms.of(moved)


async def test_a_cpo_that_comes_home_keeps_no_token(house: Ports, vendor: str) -> None:
    token = await key_for(house, "key-of-new-power", NEW)
    await choose_platform(house, SYSTEM, NEW, platform=vendor, token=token)
    await choose_platform(house, SYSTEM, NEW, platform="builtin")
    home = await cpo(house)
    assert (home.platform, home.sealed_tokens, home.access) == ("builtin", {}, {})


async def test_only_an_admin_chooses_a_platform(house: Ports, vendor: str) -> None:
    support = Actor(person_id="sue", role=Role.SUPPORT, cpo_ids=frozenset({NEW, XYZ}))
    with pytest.raises(NotAllowed):
        await choose_platform(house, support, NEW, platform=vendor, token="x")


async def test_http_to_this_machine_is_for_the_command_line(house: Ports, vendor: str) -> None:
    ada = Actor(person_id="ada", role=Role.ADMIN, cpo_ids=frozenset({NEW}))
    token = await key_for(house, "key-of-new-power", NEW)
    with pytest.raises(InvalidField):
        await choose_platform(house, ada, NEW, platform=vendor, token=token)
    await choose_platform(house, SYSTEM, NEW, platform=vendor, token=token)
    await choose_platform(house, ada, NEW, platform=vendor, token=token)
    with pytest.raises(InvalidField):
        await choose_platform(house, ada, NEW, platform="http://127.0.0.1:1", token=token)
    with pytest.raises(PlatformUnavailable):
        await choose_platform(house, ada, NEW, platform="http://127.0.0.1:1", token=token, local_http=True)


async def test_a_token_with_spaces_is_refused_and_not_repeated(house: Ports, vendor: str) -> None:
    with pytest.raises(InvalidField) as error:
        await choose_platform(house, SYSTEM, NEW, platform=vendor, token="sec ret")
    assert "sec" not in error.value.message + str(error.value.detail)


@pytest.mark.parametrize(
    "address",
    ["http://platform.example.com", "ftp://x.example.com", "https://user:pw@x.example.com", "https://x.example.com/?a=1",
     "https://169.254.169.254", "https://", "nonsense", "https://[::1", "https://x.example.com:99999", "http://127.0.0.1:8000",
     "https://[::ffff:169.254.169.254]", "https://2852039166", "https://0xa9fea9fe", "https://0xa9.0xfe.0xa9.0xfe",
     "https://0251.0376.0251.0376", "https://169.254.43518", "https://169.254.169.254.", "https://169%2e254.169.254",
     "https://\uff11\uff16\uff19.254.169.254", "https://169\u3002254\u3002169\u3002254"],
)  # fmt: skip
def test_what_is_no_safe_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidField):
        checked_platform(address)


def test_addresses_that_are_fine() -> None:
    assert checked_platform(" Acceptance ") == "acceptance"
    assert checked_platform("https://x.example.com/base/") == "https://x.example.com/base"
    for local in ("http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"):
        assert checked_platform(local, local_http=True) == local
    assert checked_platform("https://4platform.example.com") == "https://4platform.example.com"
    assert checked_platform("http://x.example.com", plain_http=True) == "http://x.example.com"
    assert checked_ocpp_url("  ") is None


def test_what_is_sealed_opens_for_its_purpose_and_with_its_key_only() -> None:
    vault = Vault(b"k" * 32)
    sealed = vault.seal("secret", "a")
    assert vault.unseal(sealed, "a") == "secret"
    assert vault.seal("secret", "a") != sealed
    for other, purpose in ((vault, "b"), (Vault(b"l" * 32), "a")):
        with pytest.raises(StoreUnavailable):
            other.unseal(sealed, purpose)


# --- Where a name leads to -------------------------------------------------------------------------------------------


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Names that lead where a test says; there is no DNS on loopback."""
    known: dict[str, str] = {}
    real = socket.getaddrinfo

    def asked(host: Any, *more: Any, **how: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return real(known.get(name, host), *more, **how)

    monkeypatch.setattr(socket, "getaddrinfo", asked)
    return known


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "0.0.0.0", "224.0.0.1"])
async def test_a_name_that_leads_inside_is_refused_and_asked_for_nothing(
    house: Ports, names: dict[str, str], address: str
) -> None:
    names["platform.example.com"] = address
    with pytest.raises(InvalidField, match="link-local"):
        await choose_platform(house, SYSTEM, NEW, platform="https://platform.example.com", token="secret")
    assert (await cpo(house)).platform == BUILTIN


async def test_a_name_that_leads_inside_later_is_not_followed(house: Ports, vendor: str, names: dict[str, str]) -> None:
    """It was fine when it was set; what connects looks again."""
    token = await key_for(house, "key-of-new-power", NEW)
    named = vendor.replace("127.0.0.1", "platform.example.com")
    names["platform.example.com"] = "127.0.0.1"
    await choose_platform(house, SYSTEM, NEW, platform=named, token=token, plain_http=True)
    names["platform.example.com"] = "169.254.169.254"
    platform = house.platforms.of(await cpo(house))
    with pytest.raises(PlatformUnavailable):
        await platform.station(SYSTEM, "UTR-1")
    names["platform.example.com"] = "127.0.0.1"
    with pytest.raises(UnknownStation):
        await platform.station(SYSTEM, "UTR-1")


async def test_a_name_without_an_address_does_not_answer(house: Ports, names: dict[str, str]) -> None:
    names["platform.example.com"] = "no.such.name.invalid"
    with pytest.raises(PlatformUnavailable):
        await choose_platform(house, SYSTEM, NEW, platform="https://platform.example.com", token="secret")
