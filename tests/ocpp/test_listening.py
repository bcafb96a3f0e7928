from tests.ocpp.conftest import World


async def test_the_gateway_says_whether_stations_would_be_heard(world: World) -> None:
    assert world.gateway.listening
    await world.gateway.stop()
    assert not world.gateway.listening
