"""The platform of a vendor, used over its API."""

from app.platforms.remote.platform import RemotePlatform

__all__ = ["RemotePlatform"]
