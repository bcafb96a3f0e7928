"""Plain forms: what was typed comes back with the reason beside its field, and nothing typed is lost."""

from collections.abc import Mapping
from typing import Any

from litestar.datastructures import FormMultiDict

from app.desk.words import Words
from app.domain.errors import InvalidField, MissingField, StationlinkError


class Form:
    """Values by field name, and errors by field name; the error of no field in particular is under ""."""

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self.values: dict[str, Any] = dict(values or {})
        self.errors: dict[str, str] = {}

    @classmethod
    def sent(cls, data: FormMultiDict, lists: tuple[str, ...] = ()) -> "Form":
        """What a browser sent; the fields in `lists` may come several times."""
        values: dict[str, Any] = {key: str(data.get(key, "")).strip() for key in data}
        values.update({key: [str(value) for value in data.getall(key, [])] for key in lists})
        return cls(values)

    def text(self, name: str) -> str:
        return str(self.values.get(name) or "")

    def optional(self, name: str) -> str | None:
        return self.text(name) or None

    def many(self, name: str) -> list[str]:
        return list(self.values.get(name) or [])

    def checked(self, name: str) -> bool:
        return bool(self.values.get(name))

    def require(self, words: Words, *names: str) -> bool:
        """Whether all of these have a value; those that have none get their error."""
        for name in names:
            if not self.values.get(name):
                self.errors[name] = words.errors["missing_field"]
        return not self.errors

    def refuse(self, words: Words, error: StationlinkError, fields: Mapping[str, str] | None = None) -> None:
        """Put a domain error beside the field it speaks of; `fields` maps its names to the form's."""
        named = str(error.detail.get("field", ""))
        name = (fields or {}).get(named, named)
        spoken = words.field_errors.get(named) if isinstance(error, InvalidField) else None
        known = name in self.values or isinstance(error, MissingField)
        self.errors[name if known else ""] = spoken or words.errors[error.code]
