"""The three paging headers."""

from app.web.paging import page_headers

URL = "https://stationlink.example/api/1.0/ChargeStations"


def test_a_page_before_the_last_links_to_the_next_and_keeps_the_filters() -> None:
    query = [("cpoId", "ABC & Co"), ("Offset", "0"), ("limit", "5000"), ("date_from", "2026-03-02T08:00:00+01:00")]
    headers = page_headers(URL, query, offset=1000, limit=1000, total=2001)
    filters = "cpoId=ABC+%26+Co&date_from=2026-03-02T08%3A00%3A00%2B01%3A00"
    assert headers == {
        "X-Total-Count": "2001",
        "X-Limit": "1000",
        "Link": f'<{URL}?{filters}&offset=2000&limit=1000>; rel="next"',
    }


def test_the_last_page_and_an_offset_behind_it_have_no_link() -> None:
    assert "Link" not in page_headers(URL, [], offset=1000, limit=1000, total=2000)
    assert "Link" not in page_headers(URL, [], offset=9000, limit=10, total=2000)
    assert page_headers(URL, [], offset=0, limit=100, total=0)["X-Total-Count"] == "0"
