"""A certificate authority of this data folder and a certificate for this machine, for phones on the same network.

A phone gives camera and offline use only to pages whose certificate it trusts: the CA is installed there once.
"""

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

from app.cli.network import is_address

CA_YEARS = 10
LEAF_DAYS = 397
RENEW_DAYS = 30
"""A leaf that ends sooner is made anew at the start of the server. Phones refuse leaves of more than 825 days."""


class Certificates(Struct, frozen=True, kw_only=True):
    """Files for the server, and the CA as a phone installs it (DER) with its SHA-256 fingerprint."""

    cert: Path
    key: Path
    ca_der: bytes
    fingerprint: str


def ensure(folder: Path, names: list[str], now: datetime | None = None) -> Certificates:
    """The CA and a valid leaf for these names in `folder`, made or renewed where needed."""
    moment = now or datetime.now(UTC)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ca_key, ca = _authority(folder, moment)
    cert, key = folder / "server.pem", folder / "server.key"
    if not _still_good(cert, key, ca, names, moment):
        _issue(cert, key, ca_key, ca, names, moment)
    digest = ca.fingerprint(hashes.SHA256()).hex(":").upper()
    return Certificates(cert=cert, key=key, ca_der=ca.public_bytes(serialization.Encoding.DER), fingerprint=digest)


def _authority(folder: Path, now: datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key_path, path = folder / "ca.key", folder / "ca.pem"
    if key_path.exists() and path.exists():
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        ca = x509.load_pem_x509_certificate(path.read_bytes())
        if isinstance(key, ec.EllipticCurvePrivateKey) and ca.not_valid_after_utc > now + timedelta(days=LEAF_DAYS):
            return key, ca
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Stationlink local CA {now:%Y-%m-%d %H%M}")])
    builder = _builder(subject, subject, key.public_key(), now, timedelta(days=365 * CA_YEARS))
    usage = _usage(key_cert_sign=True, crl_sign=True)
    ca = (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(key_path, key)
    _write(path, ca.public_bytes(serialization.Encoding.PEM))
    return key, ca


def _still_good(cert: Path, key: Path, ca: x509.Certificate, names: list[str], now: datetime) -> bool:
    if not cert.exists() or not key.exists():
        return False
    leaf = x509.load_pem_x509_certificate(cert.read_bytes())
    said = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    covered = {*said.get_values_for_type(x509.DNSName), *map(str, said.get_values_for_type(x509.IPAddress))}
    fresh = leaf.not_valid_after_utc > now + timedelta(days=RENEW_DAYS)
    return fresh and leaf.issuer == ca.subject and covered >= set(names)


def _issue(
    cert: Path,
    key_path: Path,
    ca_key: ec.EllipticCurvePrivateKey,
    ca: x509.Certificate,
    names: list[str],
    now: datetime,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Stationlink")])
    alternatives = [x509.IPAddress(ipaddress.ip_address(n)) if is_address(n) else x509.DNSName(n) for n in names]
    leaf = (
        _builder(subject, ca.subject, key.public_key(), now, timedelta(days=LEAF_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    _write_key(key_path, key)
    pem = serialization.Encoding.PEM
    _write(cert, leaf.public_bytes(pem) + ca.public_bytes(pem))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + life)
    )


def _usage(**given: bool) -> x509.KeyUsage:
    words = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement "
        "key_cert_sign crl_sign encipher_only decipher_only"
    )
    return x509.KeyUsage(**{word: given.get(word, False) for word in words.split()})


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    plain = serialization.NoEncryption()
    _write(path, key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))


def _write(path: Path, content: bytes) -> None:
    """Readable by its owner alone, and never half written."""
    draft = path.with_name(path.name + ".new")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)
    os.replace(draft, path)
