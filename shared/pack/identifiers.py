"""Codes and names of a pack that look like an identifier: they leave in events and views.

Held against the tripwire are municipality, area, indicator and actor codes, strictly, and the names
that are shown with them, by the narrower rule of `shared.tripwire.NAME_KINDS`. The registers
(addresses, properties, objects) are not: they never leave the anonymizer.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from shared.language import Text
from shared.pack.features import AreaFeature
from shared.pack.mistakes import Mistake
from shared.pack.schema import ActorsFile, IndicatorsFile, MunicipalityFile
from shared.pack.sheets import Sheet
from shared.tripwire import NAME_KINDS, Kind, found_in, kinds_in_code


def city_identifiers(sheet: Sheet[MunicipalityFile]) -> Iterator[Mistake]:
    """What municipality.yaml publishes: its own code and name, the rest area, the upper areas."""
    city = sheet.content
    for key in ("code", "rest_code"):
        for message in _code_messages(getattr(city, key)):
            yield sheet.mistake((key,), message)
    for key in ("name", "name_en", "rest_name"):
        for message in _name_messages(getattr(city, key)):
            yield sheet.mistake((key,), message)
    for code, name in city.area_names.items():
        for message in (*_code_messages(code), *_name_messages(name)):
            yield sheet.mistake(("area_names", code), message)


def actor_identifiers(sheet: Sheet[ActorsFile]) -> Iterator[Mistake]:
    """Ids and names of actors."""
    for at, actor in enumerate(sheet.content.actors):
        for message in _code_messages(actor.id):
            yield sheet.mistake(("actors", at, "id"), message)
        for key in ("name", "name_en"):
            for message in _name_messages(getattr(actor, key)):
                yield sheet.mistake(("actors", at, key), message)


def indicator_identifiers(sheet: Sheet[IndicatorsFile]) -> Iterator[Mistake]:
    """Codes and names of the catalogue."""
    for at, indicator in enumerate(sheet.content.indicators):
        for message in _code_messages(indicator.code):
            yield sheet.mistake(("indicators", at, "code"), message)
        for key in ("name", "name_en"):
            for message in _name_messages(getattr(indicator, key)):
                yield sheet.mistake(("indicators", at, key), message)


def area_identifiers(features: Iterable[AreaFeature]) -> Iterator[Mistake]:
    """Codes and names of the leaf areas, ended ones too: old events have them."""
    for feature in features:
        area = feature.properties
        for message in (*_code_messages(area.code), *_name_messages(area.name)):
            yield feature.mistake(message)


def _code_messages(code: str) -> Iterator[Text]:
    for kind in sorted(kinds_in_code(code)):
        said = _LIKE[kind]
        yield Text(
            sv=f"En kod som ser ut som {said.sv} får inte lämna systemet; välj en annan.",
            en=f"A code that looks like {said.en} may not leave the system; choose another.",
        )


def _name_messages(name: str | None) -> Iterator[Text]:
    for kind in sorted({found.kind for found in found_in(name or "", NAME_KINDS)}):
        said = _LIKE[kind]
        yield Text(
            sv=f"Ett namn med något som ser ut som {said.sv} får inte lämna systemet.",
            en=f"A name with something that looks like {said.en} may not leave the system.",
        )


_LIKE: Mapping[Kind, Text] = MappingProxyType(
    {
        Kind.PERSONAL_NUMBER: Text(sv="ett personnummer", en="a personal number"),
        Kind.COORDINATION_NUMBER: Text(sv="ett samordningsnummer", en="a coordination number"),
        Kind.ORGANISATION_NUMBER: Text(sv="ett organisationsnummer", en="an organisation number"),
        Kind.PHONE: Text(sv="ett telefonnummer", en="a phone number"),
        Kind.EMAIL: Text(sv="en e-postadress", en="an e-mail address"),
        Kind.NUMBER_PLATE: Text(sv="ett registreringsnummer", en="a number plate"),
        Kind.PROPERTY: Text(sv="en fastighetsbeteckning", en="a property designation"),
        Kind.STREET_ADDRESS: Text(sv="en gatuadress", en="a street address"),
        Kind.COORDINATES: Text(sv="koordinater", en="coordinates"),
    }
)
