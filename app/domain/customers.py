"""CPO customers: the businesses that a CPO runs stations for (platform-api 7.7).

They have no etag: the last write wins.
"""

from urllib.parse import quote

from msgspec import Struct, to_builtins

from app.domain.errors import InvalidField, MissingField
from app.domain.writing import draft_values, is_blank, normal

ID_LENGTH = 255
REQUIRED = frozenset({"name", "cpo_id", "external_id"})


class CustomerProperty(Struct, frozen=True):
    name: str
    value: str


class OperatorDetails(Struct, kw_only=True):
    """Who drivers are told operates the stations of this customer."""

    name: str
    website_url: str | None = None
    phone_number: str | None = None
    support_email: str | None = None
    logo_url: str | None = None
    logo_thumbnail_url: str | None = None


class CpoCustomer(Struct, kw_only=True):
    """A customer of a CPO, which names it by `external_id`."""

    name: str
    cpo_id: str
    external_id: str
    vat_number: str | None = None
    properties: list[CustomerProperty] = []
    operator_details: OperatorDetails | None = None


class PostCpoCustomer(Struct, kw_only=True):
    name: str | None = None
    cpo_id: str | None = None
    external_id: str | None = None
    vat_number: str | None = None
    properties: list[CustomerProperty] | None = None
    operator_details: OperatorDetails | None = None


class PutCpoCustomer(PostCpoCustomer, kw_only=True):
    """Both ids come from the path and may be left out; what else is left out is cleared."""


class CustomerRecord(Struct, kw_only=True):
    """A customer as it is kept."""

    id: str
    cpo_id: str
    customer: CpoCustomer


def customer_key(cpo_id: str, external_id: str) -> str:
    """No two pairs share one, whatever stands in them."""
    return f"{quote(cpo_id, safe='')}/{external_id}"


def record_of(customer: CpoCustomer) -> CustomerRecord:
    key = customer_key(customer.cpo_id, customer.external_id)
    return CustomerRecord(id=key, cpo_id=customer.cpo_id, customer=customer)


def created(post: PostCpoCustomer) -> CpoCustomer:
    """Raises MissingField, InvalidField."""
    values = draft_values(post, CpoCustomer, REQUIRED)
    _check_id(values["external_id"])
    return _checked(CpoCustomer(**values))


def replaced(current: CpoCustomer, put: PutCpoCustomer) -> CpoCustomer:
    """Raises MissingField, and InvalidField also for an id that is not the path's."""
    ids = {"cpo_id": current.cpo_id, "external_id": current.external_id}
    values = draft_values(put, CpoCustomer, {"name"})
    for name, own in ids.items():
        if values[name] is not None and values[name] != own:
            raise InvalidField(name, f"the {name} in the path, or none")
    return _checked(CpoCustomer(**{**values, **ids}))


def changed_fields(before: CpoCustomer, after: CpoCustomer) -> list[str]:
    """The wire names that a write changed, for its fact."""
    old, new = to_builtins(before), to_builtins(after)
    return [name for name in new if old[name] != new[name]]


def _check_id(external_id: str) -> None:
    """As for stations: any printable text that a path can name."""
    if not external_id.isprintable() or external_id != external_id.strip() or len(external_id) > ID_LENGTH:
        raise InvalidField("external_id", f"up to {ID_LENGTH} printable characters without blanks at the ends")
    if not {"", ".", ".."}.isdisjoint(external_id.split("/")):
        raise InvalidField("external_id", "no empty, . or .. part between slashes")


def _checked(customer: CpoCustomer) -> CpoCustomer:
    for each in customer.properties:
        _require_texts("properties", each)
    if customer.operator_details is not None:
        _require_texts("operator_details", customer.operator_details)
    return customer


def _require_texts(field: str, part: CustomerProperty | OperatorDetails) -> None:
    if is_blank(part.name):
        raise MissingField(f"{field}.name")
    for name in part.__struct_fields__:
        normal(f"{field}.{name}", getattr(part, name))
