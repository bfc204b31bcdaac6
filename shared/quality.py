"""How well a report was located: the classes, and every result in words for its actor."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shared.language import Text
from shared.messages.event import Placement


class Confidence(StrEnum):
    """How sure the area is.

    `exact`: what the report says is in the register, or is a point or a code. `good`: one thing was
    written in another way or assumed, and only one answer fits. `weak`: the area fits, but the place
    is not known, or a misspelt name was mended.
    `none`: the report counts in the rest area.
    """

    EXACT = "exact"
    GOOD = "good"
    WEAK = "weak"
    NONE = "none"


CONFIDENCE_TEXTS: Mapping[Confidence, Text] = MappingProxyType(
    {
        Confidence.EXACT: Text("Säker: som skrivet.", "Exact: as written."),
        Confidence.GOOD: Text(
            "God: något var skrivet på annat sätt eller antogs, och bara ett svar passade.",
            "Good: something was written in another way or assumed, and only one answer fitted.",
        ),
        Confidence.WEAK: Text(
            "Svag: området passar, men platsen är inte känd eller ett felskrivet namn rättades.",
            "Weak: the area fits, but the place is not known, or a misspelt name was mended.",
        ),
        Confidence.NONE: Text("Ingen: räknas i restområdet.", "None: counts in the rest area."),
    }
)

METHOD_TEXTS: Mapping[Placement, Text] = MappingProxyType(
    {
        Placement.COORDINATES: Text("Koordinater.", "Coordinates."),
        Placement.COORDINATES_DETECTED: Text(
            "Koordinater, vars system framgick av talen.",
            "Coordinates whose system was told by the numbers.",
        ),
        Placement.COORDINATES_SWAPPED: Text(
            "Koordinater med axlarna omkastade.", "Coordinates with their axes swapped."
        ),
        Placement.COORDINATES_NEAREST: Text(
            "Koordinater i vatten eller i en lucka: närmaste området.",
            "Coordinates in water or in a gap: the nearest area.",
        ),
        Placement.NYKO: Text("Områdeskod.", "Area code."),
        Placement.ADDRESS: Text("Adress.", "Address."),
        Placement.STREET: Text(
            "Gata utan känt nummer, eller en korsning.",
            "A street without a known number, or a crossing.",
        ),
        Placement.PROPERTY: Text("Fastighetsbeteckning.", "Property designation."),
        Placement.OBJECT: Text("Namngivet objekt.", "Named object."),
        Placement.PLACE: Text("Ortnamn eller områdesnamn.", "Name of a place or an area."),
        Placement.ROAD: Text("Vägnummer.", "Road number."),
        Placement.REST_OUTSIDE: Text("Utanför kommunen.", "Outside the municipality."),
        Placement.REST_NO_LOCATION: Text("Ingen plats angiven.", "No location given."),
        Placement.REST_UNKNOWN_NYKO: Text("Okänd områdeskod.", "Unknown area code."),
        Placement.REST_NYKO_TOO_COARSE: Text(
            "Områdeskod på en för grov nivå.", "Area code of a level that is too coarse."
        ),
        Placement.REST_UNKNOWN_CRS: Text(
            "Koordinater i ett system som inte kunde avgöras.",
            "Coordinates in a system that could not be told.",
        ),
        Placement.REST_ADDRESS: Text(
            "Adressen finns inte i registret.", "The address is not in the register."
        ),
        Placement.REST_PROPERTY: Text(
            "Fastigheten finns inte i registret.", "The property is not in the register."
        ),
        Placement.REST_OBJECT: Text(
            "Objektet finns inte i registret.", "The object is not in the register."
        ),
        Placement.REST_AMBIGUOUS: Text(
            "Flera platser passar, eller ingen som allt i texten stämmer med: "
            "ange ort och husnummer, och bara den plats där det hände.",
            "Several places fit, or none that all of the text agrees with: name the locality and the "
            "house number, and only the place where it happened.",
        ),
        Placement.REST_UNEXPLAINED: Text(
            "Texten har ord som inte kunde förklaras och som kan vara en annan ort: skriv bara platsen.",
            "The text has words that could not be explained and may be another town: write the "
            "place only.",
        ),
    }
)
