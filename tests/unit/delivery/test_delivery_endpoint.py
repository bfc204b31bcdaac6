"""Where a webhook may go."""

from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from uuid import UUID

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from services.delivery.channels.resolver import AddressNotAllowed, GuardedResolver
from services.delivery.channels.webhook import Patience, Webhooks
from services.delivery.domain.endpoint import (
    Address,
    address_mistakes,
    is_public,
    may_connect,
    networks,
    parsed,
    url_mistakes,
)
from services.delivery.domain.mistake import MistakeCode
from services.delivery.domain.municipality import by_code
from services.delivery.domain.push import Push
from services.delivery.domain.schedule import Answer, Outcome
from shared.errors import ConfigurationError
from tests.support.delivery import a_pack

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LOOPBACK = networks(["127.0.0.0/8", "::1/128"])
CLOSED_NET = networks(["10.20.0.0/16"])

REFUSED_LITERALS = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[::7f00:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:10.0.0.1]",
    "[64:ff9b::a00:1]",
    "[64:ff9b:1::a00:1]",
    "[100::1]",
    "[2001::1]",
    "[2001:db8::1]",
    "[2002:7f00:1::]",
    "[3fff::1]",
    "[5f00::1]",
    "[fc00::1]",
    "[fd12::1]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
]


def codes(url: str, listed: Sequence[str] = ()) -> list[MistakeCode]:
    return [one.code for one in url_mistakes(url, networks(listed))]


@pytest.mark.parametrize("host", REFUSED_LITERALS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_literal_address_that_is_not_public_is_refused(scheme: str, host: str) -> None:
    assert codes(f"{scheme}://{host}/x") == [MistakeCode.URL_ADDRESS]


@pytest.mark.parametrize("host", ["93.184.216.34", "[2606:2800:220:1::1]", "[::ffff:5db8:d822]"])
def test_a_public_address_is_reached_with_https_only(host: str) -> None:
    assert codes(f"https://{host}/x") == []
    assert codes(f"http://{host}/x") == [MistakeCode.URL_UNENCRYPTED]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/x",
        "http://[::1]/x",
        "http://[::ffff:127.0.0.1]/",
        "https://127.1.1.1",
    ],
)
def test_a_network_that_the_pack_names_is_reached_even_unencrypted(url: str) -> None:
    assert codes(url, ["127.0.0.0/8", "::1/128"]) == []


def test_a_named_network_opens_no_other_one() -> None:
    assert codes("http://10.21.0.1/", ["10.20.0.0/16"]) == [MistakeCode.URL_ADDRESS]
    assert codes("http://10.20.0.1/", ["10.20.0.0/16"]) == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "//host.se/x",
        "http:///x",
        "https://",
        "https://host.se:0/",
        "https://host.se:99999/",
        "https://host.se:x/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://127.0.0.1./",
        "https://1.2.3.4.5/",
        "https://host.0x/",
        "https://host.se\\@evil.se/",
        "https://a b.se/",
        "https://host.se/\n",
        "https://ho\tst.se/",
        "https://host.se/\x00",
        "https://ho%73t.se/",
        "https://[fe80::1%25eth0]/x y",
        "https://[::1",
        "https://xn--/",
        "https://xn--a.host.se/",
        "https://xn--.se/",
        "https://-host.se/",
        "https://host..se/",
        f"https://{'a' * 64}.se/",
        f"https://host.se/{'x' * 2000}",
    ],
)
def test_what_is_not_a_full_url_with_a_plain_host_is_malformed(url: str) -> None:
    assert codes(url, ["0.0.0.0/0", "::/0"]) == [MistakeCode.URL_MALFORMED]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://host.se/", MistakeCode.URL_SCHEME),
        ("file://host.se/etc", MistakeCode.URL_MALFORMED),
        ("ws://host.se/", MistakeCode.URL_SCHEME),
        ("https://user@host.se/", MistakeCode.URL_CREDENTIALS),
        ("https://user:secret@host.se/", MistakeCode.URL_CREDENTIALS),
        ("https://:secret@host.se/", MistakeCode.URL_CREDENTIALS),
        ("https://host.se/#part", MistakeCode.URL_FRAGMENT),
        ("https://host.se/#", MistakeCode.URL_FRAGMENT),
    ],
)
def test_a_url_with_a_part_that_it_must_not_have_is_refused(url: str, code: MistakeCode) -> None:
    assert codes(url) == [code]


@pytest.mark.parametrize(
    "url",
    [
        "https://host.se",
        "https://host.se./x",
        "https://HOST.se:8443/a/b?token=c",
        "https://räddning.se/x",
        "https://4.host.se/",
        "https://xn--rddning-5wa.se/",
        "https://under_score.host.se/",
    ],
)
def test_an_ordinary_name_passes_until_it_is_resolved(url: str) -> None:
    assert codes(url) == []


@given(st.ip_addresses(v=4))
def test_an_address_and_its_mapped_form_are_judged_alike(address: IPv4Address) -> None:
    mapped = IPv6Address(f"::ffff:{address}")
    assert is_public(mapped) == is_public(address)
    for scheme in ("http", "https"):
        assert may_connect(mapped, scheme=scheme, listed=LOOPBACK) == may_connect(
            address, scheme=scheme, listed=LOOPBACK
        )


@given(st.ip_addresses())
def test_unencrypted_goes_to_named_networks_and_nowhere_else(address: Address) -> None:
    assert not may_connect(address, scheme="http", listed=())


@given(st.text() | st.from_regex(r"https://(xn--)?\w{0,9}\.?(xn--)?[\w-]{0,9}/", fullmatch=True))
def test_no_text_breaks_the_rules(text: str) -> None:
    assert url_mistakes(text, ()) or parsed(text) is not None


def test_every_address_of_a_name_must_be_allowed() -> None:
    public, private = ip_address("93.184.216.34"), ip_address("10.0.0.1")
    found = address_mistakes([public, private], scheme="https", listed=())
    assert [one.code for one in found] == [MistakeCode.URL_ADDRESS]
    assert address_mistakes([public], scheme="https", listed=()) == []


class Names:
    """A name server that knows a few names."""

    def __init__(self, **known: Sequence[str]) -> None:
        self._known = known

    async def addresses(self, host: str, _port: int) -> list[Address]:
        if host.split(".", maxsplit=1)[0] not in self._known:
            raise OSError("no such name")
        return [ip_address(one) for one in self._known[host.split(".", maxsplit=1)[0]]]


NAMES = Names(
    public=["93.184.216.34"],
    private=["10.0.0.1"],
    mixed=["93.184.216.34", "127.0.0.1"],
    nat64=["64:ff9b::a00:1"],
    closed=["10.20.3.4"],
    local=["127.0.0.1", "::1"],
)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://public.se/", None),
        ("http://public.se/", MistakeCode.URL_UNENCRYPTED),
        ("https://private.se/", MistakeCode.URL_ADDRESS),
        ("https://mixed.se/", MistakeCode.URL_ADDRESS),
        ("https://nat64.se/", MistakeCode.URL_ADDRESS),
        ("http://closed.se/", None),
        ("https://unknown.se/", MistakeCode.URL_UNRESOLVED),
        ("https://local.se/", MistakeCode.URL_ADDRESS),
        ("https://10.0.0.1/", MistakeCode.URL_ADDRESS),
    ],
)
async def test_a_name_is_judged_by_where_it_leads(url: str, code: MistakeCode | None) -> None:
    webhooks = Webhooks(NAMES.addresses, patience=Patience(1, 1))
    found = [one.code for one in await webhooks.mistakes_of(url, CLOSED_NET)]
    assert found == ([] if code is None else [code])


@pytest.mark.parametrize(
    ("url", "outcome"),
    [
        ("https://private.se/", Outcome.NOT_ALLOWED),
        ("https://mixed.se/", Outcome.NOT_ALLOWED),
        ("http://public.se/", Outcome.NOT_ALLOWED),
        ("https://10.0.0.1/", Outcome.NOT_ALLOWED),
        ("https://[::ffff:127.0.0.1]/", Outcome.NOT_ALLOWED),
        ("x", Outcome.NOT_ALLOWED),
        ("https://unknown.se/", Outcome.NOT_RESOLVED),
    ],
)
async def test_no_attempt_opens_a_connection_to_where_it_may_not_go(
    url: str, outcome: Outcome
) -> None:
    webhooks = Webhooks(NAMES.addresses, patience=Patience(1, 1))
    push = Push(UUID(int=1), 1, "msg_1", NOON, NOON, b"{}")
    answer = await webhooks.send(push, url=url, secret=bytes(32), listed=CLOSED_NET, now=NOON)
    assert answer == Answer(outcome)
    await webhooks.close()


class UnforeseenError(Exception):
    """What no part of the sender knows."""


async def test_whatever_goes_wrong_in_a_send_is_an_answer_and_said_by_its_type_alone() -> None:
    async def unforeseen(_host: str, _port: int) -> list[Address]:
        raise UnforeseenError("CANARY")

    webhooks = Webhooks(unforeseen, patience=Patience(1, 1))
    push = Push(UUID(int=1), 1, "msg_1", NOON, NOON, b"{}")
    with structlog.testing.capture_logs() as logs:
        answer = await webhooks.send(
            push, url="https://host.se/", secret=bytes(32), listed=(), now=NOON
        )
    await webhooks.close()
    assert answer == Answer(Outcome.FAILED)
    assert [(one["event"], one["error_type"]) for one in logs] == [
        ("answer_misread", "UnforeseenError")
    ]
    assert "CANARY" not in str(logs)


@pytest.mark.parametrize("name", ["private", "mixed", "nat64", "local"])
async def test_the_connection_is_refused_a_name_that_leads_inside(name: str) -> None:
    resolver = GuardedResolver(NAMES.addresses, scheme="https", listed=CLOSED_NET)
    with pytest.raises(AddressNotAllowed):
        await resolver.resolve(f"{name}.se", 443)


async def test_the_connection_goes_to_the_very_addresses_that_were_judged() -> None:
    resolver = GuardedResolver(NAMES.addresses, scheme="http", listed=LOOPBACK)
    found = await resolver.resolve("local.se", 80)
    assert [one["host"] for one in found] == ["127.0.0.1", "::1"]
    await resolver.close()


def test_each_municipality_has_its_own_networks_and_there_is_one_of_each() -> None:
    pack = a_pack(webhook_networks=("10.20.0.0/16",))
    assert by_code([pack])["0001"].listed == CLOSED_NET
    with pytest.raises(ConfigurationError):
        by_code([pack, pack])
