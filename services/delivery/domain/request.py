"""What is asked for in the body of a request: read, and everything that is wrong with it."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import ErrorDetails, from_json

from services.delivery.domain import endpoint
from services.delivery.domain.mistake import Mistake, MistakeCode, Mistaken
from services.delivery.domain.selection import Selection, Wanted, mistakes_of, selected
from services.delivery.domain.subscription import Decision
from shared.language import Text
from shared.pack.model import Pack
from shared.windows import STOCKHOLM

SHORTEST_PERIOD_S = 5
LONGEST_PERIOD_S = 366 * 86_400
MOST_CODES = 10_000


def _without_control_characters(text: str) -> str:
    if any(not char.isprintable() and char not in "\n\t" for char in text):
        raise ValueError("control characters")
    return text


Line = Annotated[
    str, StringConstraints(strip_whitespace=True), AfterValidator(_without_control_characters)
]
Codes = Annotated[list[str], Field(min_length=1, max_length=MOST_CODES)]


class _Wanted(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class ChannelWanted(_Wanted):
    """Where the view is sent."""

    type: Literal["webhook"]
    url: str


class SubscriptionWanted(_Wanted):
    """The body of a request for a subscription; `areas` or `level`, or neither for level 3."""

    name: Annotated[Line, Field(min_length=1, max_length=100)]
    indicators: Codes
    areas: Codes | None = None
    level: int | None = None
    windows: Codes
    every_s: Annotated[int, Field(ge=SHORTEST_PERIOD_S, le=LONGEST_PERIOD_S)]
    channel: ChannelWanted


class DecisionWanted(_Wanted):
    """The body of an approval or a refusal; `until` is the last day of an approval."""

    motive: Annotated[Line, Field(min_length=1, max_length=1000)]
    until: date | None = None


Body = TypeVar("Body", bound=BaseModel)


def subscription_of(
    body: bytes, pack: Pack, listed: Sequence[endpoint.Network]
) -> tuple[SubscriptionWanted, Selection]:
    """What is asked for, and the selection that it means.

    Raises:
        Mistaken: the body has another form, the pack has no such codes, or the URL may not be
            used; everything is listed, also of a body whose form is not right all over.
    """
    wanted, found = _read(body, SubscriptionWanted)
    wish, url = _wish_in(body)
    found += mistakes_of(pack, wish)
    if url is not None:
        found += endpoint.url_mistakes(url, listed)
    if wish.areas is not None and wish.level is not None:
        found.append(_TWO_WAYS)
    if found or wanted is None:
        raise Mistaken(found)
    return wanted, selected(pack, wish)


def decision_of(body: bytes, *, now: datetime) -> Decision:
    """The decision; an approval's last day ends at midnight in Stockholm.

    Raises:
        Mistaken: the body has another form, or the last day has passed.
    """
    wanted, found = _read(body, DecisionWanted)
    if wanted is None:
        raise Mistaken(found)
    if wanted.until is None:
        return Decision(wanted.motive)
    today = now.astimezone(STOCKHOLM).date()
    if not today <= wanted.until <= today.replace(year=today.year + 100, day=1):
        raise Mistaken([_PASSED])
    midnight = datetime.combine(wanted.until + timedelta(days=1), time.min, tzinfo=STOCKHOLM)
    return Decision(wanted.motive, midnight)


def _read(body: bytes, model: type[Body]) -> tuple[Body | None, list[Mistake]]:
    """The body as the model says, or every way in which it is not."""
    try:
        return model.model_validate_json(body), []
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False, include_context=False)
        return None, [_mistake(one) for one in details]


def _wish_in(body: bytes) -> tuple[Wanted, str | None]:
    """The wish and the URL of a body, as far as they have the right types."""
    try:
        found = from_json(body)
    except ValueError:
        found = None
    fields: dict[str, Any] = found if isinstance(found, dict) else {}
    level, channel = fields.get("level"), fields.get("channel")
    url = channel.get("url") if isinstance(channel, dict) else None
    wish = Wanted(
        indicators=_codes(fields.get("indicators")),
        areas=_codes(fields.get("areas")),
        level=level if isinstance(level, int) and not isinstance(level, bool) else None,
        windows=_codes(fields.get("windows")),
    )
    return wish, url if isinstance(url, str) else None


def _codes(given: Any) -> list[str] | None:
    if isinstance(given, list) and all(isinstance(code, str) for code in given):
        return given
    return None


def _mistake(detail: ErrorDetails) -> Mistake:
    code = _CODES.get(detail["type"], MistakeCode.WRONG_TYPE)
    if code is MistakeCode.UNKNOWN_FIELD:
        return Mistake("", code, _WORDS[code])  # its name is the asker's own word
    names = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"]]
    return Mistake("".join(names).removeprefix(".") or "body", code, _WORDS[code])


_CODES = MappingProxyType(
    {
        "missing": MistakeCode.MISSING,
        "extra_forbidden": MistakeCode.UNKNOWN_FIELD,
        "literal_error": MistakeCode.UNKNOWN_CODE,
        **dict.fromkeys(
            ("string_too_short", "string_too_long", "too_short", "too_long"),
            MistakeCode.OUT_OF_RANGE,
        ),
        **dict.fromkeys(("greater_than_equal", "less_than_equal"), MistakeCode.OUT_OF_RANGE),
    }
)
_WORDS = MappingProxyType(
    {
        MistakeCode.MISSING: Text(sv="Fältet saknas.", en="The field is missing."),
        MistakeCode.UNKNOWN_FIELD: Text(sv="Fältet är okänt.", en="The field is unknown."),
        MistakeCode.UNKNOWN_CODE: Text(
            sv="Värdet är inte ett av de tillåtna.", en="The value is not one of those allowed."
        ),
        MistakeCode.OUT_OF_RANGE: Text(
            sv="Värdet är för litet, för stort, för kort eller för långt.",
            en="The value is too small, too large, too short or too long.",
        ),
        MistakeCode.WRONG_TYPE: Text(
            sv="Värdet är av fel slag eller har otillåtna tecken.",
            en="The value is of the wrong type or has characters that are not allowed.",
        ),
    }
)
_TWO_WAYS = Mistake(
    "level",
    MistakeCode.TWO_WAYS,
    Text(sv="Ange områden eller nivå, inte båda.", en="Give areas or a level, not both."),
)
_PASSED = Mistake(
    "until",
    MistakeCode.OUT_OF_RANGE,
    Text(
        sv="Den sista dagen är i dag eller senare, inom 100 år.",
        en="The last day is today or later, within 100 years.",
    ),
)
