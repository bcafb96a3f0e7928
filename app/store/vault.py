"""Secrets that must be read back, such as a vendor's token: encrypted under a key made of the digest key.

The database alone opens nothing, and what was sealed for one purpose cannot be passed off as something else.
"""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.domain.errors import StoreUnavailable

NONCE = 12


class Vault:
    """See `ports.Vault`."""

    def __init__(self, digest_key: bytes) -> None:
        derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"stationlink vault 1")
        self._cipher = AESGCM(derived.derive(digest_key))

    def seal(self, secret: str, purpose: str) -> str:
        nonce = os.urandom(NONCE)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, secret.encode(), purpose.encode())).decode()

    def unseal(self, sealed: str, purpose: str) -> str:
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(raw[:NONCE], raw[NONCE:], purpose.encode()).decode()
        except (ValueError, InvalidTag) as error:
            raise StoreUnavailable("a stored token cannot be read: set it again") from error
