"""The form of server-sent events, and where a browser that comes back left off."""

import pytest
from litestar.testing import RequestFactory

from app.web.sse import event, last_event_id


def test_an_event_has_number_name_and_every_line() -> None:
    assert event("note", b"one\ntwo", 7) == b"id: 7\nevent: note\ndata: one\ndata: two\n\n"
    assert event("hello", b"{}") == b"event: hello\ndata: {}\n\n"


@pytest.mark.parametrize(("given", "read"), [("12", 12), ("", None), ("-1", None), ("1e9", None), ("9" * 40, None)])
def test_a_foreign_last_number_is_a_new_start(given: str, read: int | None) -> None:
    request = RequestFactory().get("/", headers={"Last-Event-ID": given})
    assert last_event_id(request) == read
