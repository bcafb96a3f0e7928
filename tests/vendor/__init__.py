"""A platform of a vendor, as platform-api describes it and as its examples show it. It shares no code with `app`."""

from tests.vendor.server import Vendor

__all__ = ["Vendor"]
