"""Where webhooks may go."""

import ipaddress

import pytest

from packhouse.kernel.addresses import Allowed, BadUrl, Place, RefusedTarget, literal, place_of

INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.5.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fec0::1",
    "fd00::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "2001:0:a00:1::",
    "2001:db8::1",
]


@pytest.mark.parametrize("host", INSIDE)
def test_addresses_inside_are_refused(host: str) -> None:
    with pytest.raises(RefusedTarget):
        Allowed.of([]).check_literal(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "193.140.100.1", "2606:4700::1111", "example.com", "localhost"])
def test_public_addresses_pass_and_names_are_looked_at_later(host: str) -> None:
    Allowed.of([]).check_literal(host)


@pytest.mark.parametrize(
    ("entry", "host", "address"),
    [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("10.0.0.0/8", "receiver.internal", "10.20.30.40"),
        ("10.0.0.1/8", "receiver.internal", "10.20.30.40"),
        ("receiver.internal", "receiver.internal", "10.20.30.40"),
        ("Receiver.Internal ", "receiver.internal", "10.20.30.40"),
        ("[::1]", "::1", "::1"),
        ("fd00::/8", "x", "fd00::7"),
    ],
)
def test_exceptions(entry: str, host: str, address: str) -> None:
    resolved = ipaddress.ip_address(address)

    assert Allowed.of([entry]).permits(host, resolved)
    assert not Allowed.of([]).permits(host, resolved)


def test_an_exception_is_for_its_own_host_and_network_only() -> None:
    allowed = Allowed.of(["receiver.internal", "10.1.0.0/16"])

    assert not allowed.permits("other.internal", ipaddress.ip_address("10.2.0.1"))
    assert not allowed.permits("other.internal", ipaddress.ip_address("127.0.0.1"))


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://Example.COM/a", Place("https", "example.com", 443)),
        ("http://example.com:8080", Place("http", "example.com", 8080)),
        ("http://[::1]:9/x", Place("http", "::1", 9)),
        ("https://şube.example/", Place("https", "xn--ube-rza.example", 443)),
    ],
)
def test_the_server_of_a_url(url: str, place: Place) -> None:
    assert place_of(url) == place


@pytest.mark.parametrize(
    ("place", "header"),
    [
        (Place("https", "example.com", 443), "example.com"),
        (Place("http", "example.com", 443), "example.com:443"),
        (Place("http", "::1", 9), "[::1]:9"),
    ],
)
def test_the_host_header(place: Place, header: str) -> None:
    assert place.header == header


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com/hooks",
        "ftp://example.com",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user@example.com",
        "https://user:pass@example.com",
        "https://:@example.com",
        "https://example.com:0",
        "https://example.com:99999",
        "https://example.com:x",
        "https://[::1",
        "https://exa mple.com",
        "https://example.com\\@10.0.0.1/",
        "https://example.com/\nX: y",
        "https://[fe80::1%25eth0]/",
        "https://" + "ş" * 70 + ".example",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(BadUrl):
        place_of(url)


def test_a_name_is_no_literal() -> None:
    assert literal("example.com") is None
    assert str(literal("0x7f.1")) == "127.0.0.1"
