"""What a label's link shows in a plain browser: which station it is, and what to do with the code."""

from datetime import timedelta

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from app.desk.front import AnyRequest, Front, page
from app.domain.errors import UnreadableCode
from app.domain.scan import Label, parse_label
from app.ports import Clock
from app.web.limits import Tries

MISSES = 30
OVERALL = 3000
WINDOW = timedelta(minutes=10)


def misses(clock: Clock) -> Tries:
    """Whoever walks into this many unknown codes is not reading labels."""
    return Tries(clock, allowed=MISSES, overall=OVERALL, window=WINDOW)


@get(["/S/{code:path}", "/s/{code:path}"])
async def landing_page(
    request: AnyRequest,
    code: FromPath[str],
    front: NamedDependency[SkipValidation[Front]],
    tries: NamedDependency[SkipValidation[Tries]],
) -> Response[str]:
    """The station id and nothing else of what we know. Raises TooManyTries."""
    address = request.client.host if request.client else ""
    tries.check(address)
    text = code.strip("/ ")
    try:
        parsed = parse_label(text)
    except UnreadableCode:
        tries.failed(address)
        return page(front, "landing_damaged.html", 404, text=text[:40])
    found = await front.ports.store.get(Label, parsed)
    if found is None or found[0].revoked_at is not None:
        tries.failed(address)
        return page(front, "landing_unknown.html", 404, code=parsed)
    return page(front, "landing.html", label=found[0])
