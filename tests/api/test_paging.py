"""The three paging headers, and the cursor in the address of the next page."""

import pytest

from app.web.paging import Cursor, decode, encode, filters, page_headers

URL = "https://stationlink.example/api/1.0/ChargeStations"


def test_a_page_before_the_last_links_to_the_next_and_keeps_the_filters() -> None:
    query = [("cpoId", "ABC & Co"), ("Offset", "0"), ("limit", "5000"), ("date_from", "2026-03-02T08:00:00+01:00")]
    headers = dict(page_headers(lambda: URL, filters(query, 1000), limit=1000, total=2001, after="17"))
    shared = "cpoId=ABC+%26+Co&date_from=2026-03-02T08%3A00%3A00%2B01%3A00&limit=1000"
    assert headers == {
        b"x-total-count": b"2001",
        b"x-limit": b"1000",
        b"link": f'<{URL}?{shared}&cursor={encode(Cursor("17", 2001))}>; rel="next"'.encode(),
    }


def test_the_cursor_of_the_page_before_is_replaced() -> None:
    shared = filters([("cursor", "old"), ("limit", "5")], 5)
    link = dict(page_headers(lambda: URL, shared, limit=5, total=9, after="3"))[b"link"]
    assert b"old" not in link and link.count(b"cursor=") == 1


def test_the_last_page_has_no_link_and_still_tells_the_total() -> None:
    headers = page_headers(lambda: URL, filters([], 100), limit=100, total=0, after=None)
    assert dict(headers) == {b"x-total-count": b"0", b"x-limit": b"100"}


def test_a_cursor_comes_back_as_it_went_out() -> None:
    for cursor in (Cursor("17", 200_000), Cursor("3.25 9", 0)):
        assert decode(encode(cursor)) == cursor
        assert encode(cursor).isascii() and not {"+", "/", "="} & set(encode(cursor))


@pytest.mark.parametrize("text", ["", "x", "%%%", "bnVsbA", "WyIxIiwyXQ!", "WyIxIiwyXQé", encode(Cursor("1", 2))[:-3]])
def test_what_was_never_handed_out_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Link"):
        decode(text)
