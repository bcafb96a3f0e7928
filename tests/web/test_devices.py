import pytest

from app.web.devices import device_name

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1"
PIXEL = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (PHONE, "Safari, iPhone"),
        (PIXEL, "Chrome, Android"),
        (EDGE, "Edge, Windows"),
        (LINUX, "Firefox, Linux"),
        ("curl/8", "browser"),
        ("", "browser"),
    ],
)
def test_a_browser_is_named_by_what_it_is_and_runs_on(agent: str, name: str) -> None:
    assert device_name(agent) == name
