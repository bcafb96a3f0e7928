"""The page that helps a phone install the local CA, in front of the application when `--tls` made one."""

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from app.web.security import CSP

FILE = "/ca/stationlink-ca.crt"
CA_TYPE = "application/x-x509-ca-cert"

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trust this Stationlink</title><link rel="stylesheet" href="/static/desk.css"></head>
<body><main class="landing">
<h1>Let this phone trust this Stationlink</h1>
<p>Needed once. Then the camera works and the app can be installed. / Eén keer nodig. Daarna werkt de camera.</p>
<p><a class="button" href="{file}" download>Download the certificate</a></p>
<h2>iPhone, iPad</h2>
<ol><li>Open this page in Safari and download the certificate; allow the profile.</li>
<li>Settings &rarr; General &rarr; VPN &amp; Device Management: install the profile.</li>
<li>Settings &rarr; General &rarr; About &rarr; Certificate Trust Settings: switch it on.</li></ol>
<h2>Android</h2>
<ol><li>Download the certificate.</li>
<li>Settings &rarr; Security &rarr; More &rarr; Install a certificate &rarr; CA certificate, and choose the file.</li>
<li>Close the browser and open it again.</li></ol>
<h2>Compare before you trust</h2>
<p>The phone shows the SHA-256 fingerprint; it must be the one in the server's terminal:</p>
<p><code>{fingerprint}</code></p>
<p>Take the certificate off the phone again when it is no longer used for this.</p>
</main></body></html>
"""


def with_ca_page(app: ASGIApp, der: bytes, fingerprint: str) -> ASGIApp:
    """The application with `/ca` and the certificate beside it."""
    shown = "<br>".join(fingerprint[start : start + 48] for start in (0, 48))
    pages = {
        "/ca": (PAGE.format(file=FILE, fingerprint=shown).encode(), "text/html; charset=utf-8"),
        FILE: (der, CA_TYPE),
    }

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        found = pages.get(scope["path"].lower().rstrip("/")) if scope["type"] == ScopeType.HTTP else None
        if found is None:
            await app(scope, receive, send)
            return
        await _answer(send, *found)

    return serve


async def _answer(send: Send, body: bytes, media_type: str) -> None:
    headers = {
        "content-type": media_type,
        "content-length": str(len(body)),
        "content-security-policy": CSP,
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 200, "headers": encoded})
    await send({"type": "http.response.body", "body": body, "more_body": False})
