"""The areas of a pack, feature by feature, each with its line. Borders stay plain; see `borders`.

They stand in `areas.geojson` (longitude, latitude) or in `areas.gpkg` (the municipality's own
system, to the last digit), never in both.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.language import Text
from shared.pack.geopackage import WGS_84, UnreadableLayerError, read_layer
from shared.pack.mistakes import Mistake
from shared.pack.schema import AreaProperties
from shared.pack.sheets import read_text
from shared.pack.wording import explained

AREAS_FILE = "areas.geojson"
PROJECTED_AREAS_FILE = "areas.gpkg"
AREAS_FILES = (AREAS_FILE, PROJECTED_AREAS_FILE)
_CRS84 = ("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326", "EPSG:4326")


@dataclass(frozen=True, slots=True)
class AreaFeature:
    """One feature. Shape: `geometry` is GeoJSON, or WKB, as it stands in the file, unchecked.

    Unit: `crs` is the EPSG number of the coordinates, always x before y; `line` counts the
    features of a GeoPackage, which has no lines.
    """

    line: int
    properties: AreaProperties
    geometry: Any
    file: str = AREAS_FILE
    crs: int = WGS_84

    @property
    def is_current(self) -> bool:
        """Whether the area's validity has no end; the others are history."""
        return self.properties.valid_to is None

    @property
    def has_period(self) -> bool:
        """Whether both ends of the validity are days of the calendar."""
        try:
            return self.valid_from <= date.max and self.ends <= date.max
        except ValueError:
            return False

    @property
    def valid_from(self) -> date:
        """The first Stockholm day on which the area is valid.

        Raises:
            ValueError: there is no such day.
        """
        return date.fromisoformat(self.properties.valid_from)

    @property
    def valid_to(self) -> date | None:
        """The first Stockholm day on which the area is not valid any more; `None` without an end.

        Raises:
            ValueError: there is no such day.
        """
        return date.fromisoformat(self.properties.valid_to) if self.properties.valid_to else None

    @property
    def ends(self) -> date:
        """`valid_to`, or the last day of the calendar.

        Raises:
            ValueError: there is no such day.
        """
        return self.valid_to or date.max

    def mistake(self, message: Text) -> Mistake:
        """A mistake in this feature."""
        return Mistake(self.file, self.line, message)


def read_features(folder: Path) -> tuple[list[AreaFeature], list[Mistake]]:
    """The readable features in the file's order, and every mistake in the others."""
    if (folder / PROJECTED_AREAS_FILE).exists():
        if (folder / AREAS_FILE).exists():
            return [], [Mistake(PROJECTED_AREAS_FILE, 1, _TWO_FILES)]
        return _from_geopackage(folder)
    text = read_text(folder, AREAS_FILE)
    if isinstance(text, Mistake):
        return [], [text]
    features: list[AreaFeature] = []
    mistakes: list[Mistake] = []
    try:
        collection = _Collection(text)
    except json.JSONDecodeError as error:
        message = Text(sv=f"Inte giltig JSON ({error.msg}).", en=f"Not valid JSON ({error.msg}).")
        return [], [Mistake(AREAS_FILE, error.lineno, message)]
    except (ValueError, RecursionError):
        return [], [Mistake(AREAS_FILE, 1, _NOT_A_COLLECTION)]
    mistakes.extend(_collection_mistakes(collection))
    for line, feature in collection.features:
        one = _area_feature(line, feature)
        if isinstance(one, AreaFeature):
            features.append(one)
        else:
            mistakes.extend(one)
    return features, mistakes


def _from_geopackage(folder: Path) -> tuple[list[AreaFeature], list[Mistake]]:
    file = PROJECTED_AREAS_FILE
    try:
        layer = read_layer(folder / file)
    except UnreadableLayerError as error:
        return [], [Mistake(file, 1, error.why)]
    features: list[AreaFeature] = []
    mistakes: list[Mistake] = []
    for line, row in enumerate(layer.rows, start=1):
        known = {name: row.columns[name] for name in AreaProperties.model_fields}
        area = _properties(file, line, known)
        if isinstance(area, AreaProperties):
            features.append(AreaFeature(line, area, row.wkb, file, layer.crs))
        else:
            mistakes.extend(area)
    if not layer.rows:
        mistakes.append(Mistake(file, 1, _NO_AREAS))
    return features, mistakes


def _area_feature(line: int, feature: Any) -> AreaFeature | list[Mistake]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return [Mistake(AREAS_FILE, line, _NOT_A_FEATURE)]
    area = _properties(AREAS_FILE, line, feature.get("properties"))
    if isinstance(area, AreaProperties):
        return AreaFeature(line, area, feature.get("geometry"))
    return area


def _properties(file: str, line: int, given: Any) -> AreaProperties | list[Mistake]:
    try:
        return AreaProperties.model_validate(given)
    except ValidationError as error:
        return [
            Mistake(file, line, explained(one, written=_number(one["input"])))
            for one in error.errors(include_url=False)
        ]


def _number(value: Any) -> str | None:
    return str(value) if isinstance(value, int | float) else None


class _Collection:
    """A feature collection with the line that each feature begins on.

    The standard decoder gives no lines, so the two outer levels are walked here and only what
    is inside a member or a feature is left to it.

    Raises:
        ValueError: the text is no JSON object; `json.JSONDecodeError` when it is no JSON.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._counted = 0
        self._decoder = json.JSONDecoder(parse_constant=_refuse_constant)
        self.members: dict[str, Any] = {}
        self.features: list[tuple[int, Any]] = []
        if self._peek() != "{":
            raise ValueError("no object")
        self._each("}", self._member)
        if self._peek():
            raise json.JSONDecodeError("Extra data", text, self._at)

    def _member(self) -> None:
        name = str(self._value())
        self._skip(":")
        if name == "features" and self._peek() == "[":
            self._each("]", self._feature)
            self.members[name] = True
        else:
            self.members[name] = self._value()

    def _feature(self) -> None:
        self._peek()
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        self.features.append((self._line, self._value()))

    def _each(self, end: str, read: Callable[[], None]) -> None:
        """Read the comma-separated parts of an object or list whose bracket is next."""
        self._at += 1
        if self._peek() == end:
            self._at += 1
            return
        read()
        while self._peek() == ",":
            self._at += 1
            read()
        self._skip(end)

    def _peek(self) -> str:
        """The next character that is not white space; empty at the end."""
        while self._text[self._at : self._at + 1] in (" ", "\t", "\n", "\r"):
            self._at += 1
        return self._text[self._at : self._at + 1]

    def _skip(self, expected: str) -> None:
        if self._peek() != expected:
            raise json.JSONDecodeError(f"Expecting '{expected}'", self._text, self._at)
        self._at += 1

    def _value(self) -> Any:
        self._peek()
        value, self._at = self._decoder.raw_decode(self._text, self._at)
        return value


def _refuse_constant(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _collection_mistakes(collection: _Collection) -> Iterator[Mistake]:
    members = collection.members
    if members.get("type") != "FeatureCollection" or members.get("features") is not True:
        yield Mistake(AREAS_FILE, 1, _NOT_A_COLLECTION)
    elif not collection.features:
        yield Mistake(AREAS_FILE, 1, _NO_AREAS)
    crs = members.get("crs")
    if crs is not None and not any(f'"{name}"' in json.dumps(crs) for name in _CRS84):
        yield Mistake(AREAS_FILE, 1, _OTHER_SYSTEM)


_TWO_FILES = Text(
    sv="Områdena står både i areas.geojson och i areas.gpkg; behåll en av dem.",
    en="The areas are both in areas.geojson and in areas.gpkg; keep one of them.",
)
_NOT_A_COLLECTION = Text(
    sv="Filen ska vara en GeoJSON FeatureCollection.",
    en="The file must be a GeoJSON FeatureCollection.",
)
_NOT_A_FEATURE = Text(sv="Detta är ingen GeoJSON Feature.", en="This is no GeoJSON Feature.")
_NO_AREAS = Text(sv="Filen har inga områden.", en="The file has no areas.")
_OTHER_SYSTEM = Text(
    sv="Koordinaterna ska vara longitud, latitud i WGS 84 (CRS84).",
    en="The coordinates must be longitude, latitude in WGS 84 (CRS84).",
)
