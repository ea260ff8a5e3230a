"""Which addresses may be called, by their text: the public internet and nothing else."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.addresses import (
    InvalidAddress,
    PrivateAddress,
    check_address,
    check_url,
    is_callable,
)

# RFC 6890 and its successors, what clouds use, and IPv4 addresses inside IPv6 ones.
PRIVATE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1",
    "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1",
    "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1",
    "::8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1",
    "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "2002:7f00:1::",
    "2002:a00:1::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1",
    "ff02::1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "172.32.0.1", "100.128.0.1", "223.255.255.254",
          "2606:4700:4700::1111", "2a00:1450:4001::1"]  # fmt: skip


def shown(address: str) -> str:
    return f"[{address}]" if ":" in address else address


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(PrivateAddress):
        check_address(address, allow_private=False)
    with pytest.raises(PrivateAddress):
        check_url(f"https://{shown(address)}/hook", allow_private=False)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_may_be_called(address: str) -> None:
    assert is_callable(ipaddress.ip_address(address), allow_private=False)
    check_url(f"https://{shown(address)}/hook", allow_private=False)


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "017700000001", "0177.0.0.1", "0x7f.0.0.1", "127.1", "127.0.1",
     "0x7F.1", "127.0.0.1.", "0", "0x0", "00", "127.0.0.0x1", "3232235777", "0xa9fea9fe",
     "169.16689662", "0251.0376.0251.0376", "10.1", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]"],
)  # fmt: skip
def test_no_odd_spelling_of_a_private_address_passes(host: str) -> None:
    with pytest.raises(PrivateAddress):
        check_url(f"https://{host}/", allow_private=False)


@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_one_number_is_judged_as_the_address_it_is(value: int) -> None:
    fine = is_callable(ipaddress.IPv4Address(value), allow_private=False)
    for spelling in (str(value), hex(value), f"0{value:o}"):
        try:
            check_url(f"https://{spelling}/", allow_private=False)
        except PrivateAddress:
            assert not fine
        else:
            assert fine


@given(st.integers(min_value=0, max_value=2**128 - 1))
def test_outside_global_unicast_no_ipv6_address_is_public(value: int) -> None:
    address = ipaddress.IPv6Address(value)
    if value >> 125 != 1:
        assert not is_callable(address, allow_private=False)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST", "localhost.", "a.localhost", "printer.local", "intranet",
     "metadata.google.internal", "db.svc.cluster.local", "router.lan", "fritz.home.arpa"],
)  # fmt: skip
def test_names_that_are_never_public_are_refused_before_they_are_resolved(host: str) -> None:
    with pytest.raises(PrivateAddress):
        check_url(f"https://{host}/", allow_private=False)
    check_url(f"http://{host}:8080/", allow_private=True)


@pytest.mark.parametrize(
    "url",
    ["", "https://", "https:///x", "example.org", "//example.org/", "ftp://example.org/",
     "file:///etc/passwd", "gopher://example.org/", "javascript:alert(1)", "http://example.org/",
     "https://user@example.org/", "https://user:secret@example.org/", "https://@example.org/",
     "https://example.org:0/", "https://example.org:65536/", "https://example.org:x/",
     "https://example.org:22/", "https://example.org:25/", "https://exa mple.org/",
     "https://example.org/\r\nHost: x", "https://example.org/\x00", "https://example.org\\@x.org/",
     "https://[::1/", "https://[::1]x/", "https://256.1.1.1/", "https://1.2.3.4.5/",
     "https://0x100000000/", "https://09.1.1.1/", "https://-a.org/", "https://a..org/",
     "https://\uff11\uff12\uff17.0.0.1/", "https://127。0。0。1/", "https://пример.рф/",
     "https://example.org/" + "x" * 2000],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises((InvalidAddress, PrivateAddress)):
        check_url(url, allow_private=False)


@pytest.mark.parametrize(
    "url",
    ["https://example.org", "https://example.org/hook?a=1&b=%20#x", "https://example.org:8443/",
     "HTTPS://Example.ORG/", "https://a-b.c_d.example.org/", "https://xn--e1afmkfd.xn--p1ai/",
     "https://example.org./", "https://8.8.8.8:443/"],
)  # fmt: skip
def test_usual_addresses_pass(url: str) -> None:
    check_url(url, allow_private=False)
    assert url


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "[::1]", "[fc00::1]", "100.64.0.1"])
def test_private_addresses_pass_where_they_are_allowed(host: str) -> None:
    check_url(f"http://{host}:9000/", allow_private=True)
    assert host


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "169.254.1.1", "100.100.100.200", "[fd00:ec2::254]", "[fe80::1]",
     "[fe80::1%25eth0]", "0.0.0.0", "[::]", "224.0.0.1", "255.255.255.255", "2852039166",
     "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[::169.254.169.254]"],
)  # fmt: skip
def test_a_clouds_metadata_is_refused_even_then(host: str) -> None:
    with pytest.raises(PrivateAddress):
        check_url(f"http://{host}/latest/meta-data", allow_private=True)
