"""What a phone has to fetch before it shows anything, on a weak signal."""

import gzip
import re

from tests.live import ROOT

BUILT = ROOT / "static" / "built"
MOST = 60_000


def test_the_script_that_starts_the_app_stays_light() -> None:
    page = (BUILT / "index.html").read_text()
    scripts = re.findall(r'(?:src|href)="/(assets/[^"]+\.js)"', page)
    assert scripts, "the phone app is not built: make build"
    assert sum(len(gzip.compress((BUILT / script).read_bytes(), 9)) for script in scripts) <= MOST


def test_what_is_fetched_later_is_kept_for_a_start_without_signal() -> None:
    worker = (BUILT / "sw.js").read_text()
    later = [path.name for path in (BUILT / "assets").glob("*.js")]
    assert later and all(f"/assets/{name}" in worker for name in later)
