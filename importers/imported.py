"""What an import gives: the files of a bot folder, and what could not be translated."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from flows.types import RESERVED
from schemas.problems import Refused

LONGEST = 48  # characters of a name that is made of a title
NOT_NAMES = frozenset({*RESERVED, "stop"})
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\ufeff\ufffe\uffff]")
M = TypeVar("M", bound=BaseModel)


class ExportUnfit(Refused):
    """The file is no export of that vendor, or of a version that is not read."""

    code = "import.unfit"
    status = 422
    sentence = "This is no export of {vendor} that can be read: {at}: {why}."


class Part(BaseModel):
    """The common ground of what is read of an export: what nobody asks for is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was not translated as it stood. `at` names its place as the author knows it."""

    at: str
    what: str


@dataclass(frozen=True, slots=True)
class Imported:
    """A bot folder, by path, and what its author should look at."""

    files: Mapping[str, str]
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class Notes:
    """The findings of an import under way; each is told once."""

    found: dict[Finding, None] = field(default_factory=dict[Finding, None])

    def add(self, at: str, what: str) -> None:
        self.found[Finding(clean(at), clean(what))] = None


@dataclass(slots=True)
class Names:
    """Names by NAME's rule, one for each key, none twice."""

    given: dict[str, str] = field(default_factory=dict[str, str])
    taken: set[str] = field(default_factory=set[str])

    def of(self, key: str, wanted: str, otherwise: str = "step") -> str:
        """The name of `key`; at the first time it is made of `wanted`."""
        if key not in self.given:
            name = base = slug(wanted) or otherwise
            count = 1
            while name in self.taken or name in NOT_NAMES:
                count += 1
                name = f"{base}_{count}"
            self.taken.add(name)
            self.given[key] = name
        return self.given[key]


def read(vendor: str, model: type[M], exported: Any) -> M:
    """The export as its model. Raises `ExportUnfit`, which names the first place that does not fit."""
    try:
        return model.model_validate(exported)
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        at = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ExportUnfit(vendor=vendor, at=at, why=first["msg"].lower()) from None


def slug(text: str) -> str:
    """`Company size (m²)` as `company_size_m2`; empty when no letter is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return re.sub(r"^[0-9_]+", "", words)[:LONGEST].strip("_")


def clean(text: str) -> str:
    """Without what no YAML file and no message can hold."""
    return _UNPRINTABLE.sub("", text)
