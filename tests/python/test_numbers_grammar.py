"""Numbers without a tokenizer: grammar, pieces, notation, vocabularies."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
import random
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from definitions import amount
from numbers_reference import Piece, reference_pieces

from tokmill import InvalidInput, TokmillError
from tokmill.numbers import InvalidScheme, Triadic

GOLDEN = Path(__file__).with_name("numbers_golden")
ALPHABET = [*"0123456789", *".,'_ eE+-xX()", "\u00a0", "\u2019", "٣", "½", "é", "000", "12", "345"]


def golden(name: str) -> list[dict[str, Any]]:
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def plain(scheme: Triadic, text: str) -> list[Piece]:
    return [Piece(p.kind, str(p.text), p.power) for p in scheme.pieces(text)]


@pytest.mark.parametrize("case", golden("tst_surface.json"), ids=lambda case: case["text"])
def test_surface_pieces(case: dict[str, Any]) -> None:
    names = {"txt": "text", "dot": "point"}
    wanted = [Piece(names.get(kind, kind), *rest) for kind, *rest in case["tokens"]]
    assert plain(Triadic(), case["text"]) == wanted
    assert Triadic().render(case["text"]) == " ".join(case["render"])


@pytest.mark.parametrize("case", golden("tst_official.json"), ids=lambda case: case["in"])
def test_published_notation(case: dict[str, str]) -> None:
    assert Triadic("paper").render(case["in"]) == case["compact"]
    assert Triadic("paper", variant="marker").render(case["in"]) == case["spaced"]


def test_published_vocabulary() -> None:
    vocabulary = Triadic("paper").vocabulary()
    assert len(vocabulary) == len(set(vocabulary)) == 11_000
    assert vocabulary[999:1002] == ["999", "0k", "1k"]
    assert vocabulary[5999:6002] == ["999q", "001p", "002p"]
    assert vocabulary[6999] == "000p"
    assert vocabulary[-1] == "000ppppp"
    # The published file, byte for byte.
    file = json.dumps(vocabulary, indent=2).encode()
    assert hashlib.sha256(file).hexdigest() == PUBLISHED_SHA256


PUBLISHED_SHA256 = "646fdce562ef0296ac4207d9ca1e1168e6912d51a72fee049a16ea06bcf99050"


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({"leading_zero": "tst"}, 12_210),
        ({}, 12_145),
        ({"fraction_groups": 4}, 11_035),
        ({"mode": "context"}, 11_004),
        ({"variant": "marker"}, 1_120),
        ({"group": 1, "leading_zero": "tst"}, 330),
        ({"group": 2, "leading_zero": "tst"}, 1_770),
        ({"group": 4, "leading_zero": "tst"}, 78_990),
        ({"integer_groups": 7, "leading_zero": "tst"}, 13_320),
        ({"overflow": "horner"}, 12_146),
    ],
)
def test_sizes_of_vocabularies(options: dict[str, Any], size: int) -> None:
    vocabulary = Triadic(**options).vocabulary()
    assert len(vocabulary) == len(set(vocabulary)) == size


def test_agrees_with_the_reference() -> None:
    rng = random.Random(7)
    scheme = Triadic()
    for _ in range(amount(4_000, 300_000)):
        text = "".join(rng.choices(ALPHABET, k=rng.randrange(1, 16)))
        found = scheme.pieces(text)
        assert [Piece(p.kind, str(p.text), p.power) for p in found] == reference_pieces(text), text
        assert "".join(str(p.text) for p in found) == text
        assert all(text[slice(*p.span)] == p.text for p in found)


def test_separators_do_not_change_groups() -> None:
    def groups(text: str) -> list[Piece]:
        return [p for p in plain(Triadic(), text) if p.kind in ("int", "frac")]

    rng = random.Random(1)
    for _ in range(1000):
        number = rng.randrange(10 ** rng.randrange(1, 18))
        for separator in ",'_\u2019\u00a0\u202f\u2009":
            assert groups(f"{number:,}".replace(",", separator)) == groups(str(number))


def test_values() -> None:
    rng = random.Random(2)
    for _ in range(2000):
        integer = str(rng.randrange(10 ** rng.randrange(1, 18)))
        fraction = "".join(rng.choices("0123456789", k=rng.randrange(16)))
        numeral = f"{integer}.{fraction}" if fraction else integer
        assert Triadic().parse_numbers(f"a {numeral} b") == [Decimal(numeral)]
    text = "-1.5e3 007 x1 1,234 .5 5. 2e-4 1.2.3"
    wanted = ["1.5E+3", "1234", "0.5", "5", "0.0002", "1", "2", "3"]
    assert Triadic().parse_numbers(text) == [Decimal(number) for number in wanted]
    assert Triadic().parse_numbers("1e" + "9" * 18) in (
        [Decimal("Infinity")],
        [Decimal("1E+" + "9" * 18)],
    )


def test_options() -> None:
    def render(text: str, **options: Any) -> str:
        return Triadic(**options).render(text)

    assert render("007 08.5", leading_zero="tst") == "007   08 . 5p"
    assert render("1 234", separators=" ") == "1k   234"
    assert render("1,234", separators="") == "1 , 234"
    assert render("12.345,67", locale="de") == "12k . 345 , 67p"
    assert render("12,34,567", locale="en-IN") == "12e5 , 34k , 567"
    assert render("1\u202f234,5", locale="fr") == "1k \u202f 234 , 5p"
    assert render("12345", marker_position="prefix") == "k12 345"
    assert render("12345", variant="marker") == "12 k 345"
    assert render("2024 12345", min_digits=4) == "2024   12k 345"
    assert render("2024-01-05 2024", exempt=[r"\d{4}-\d\d-\d\d"]) == "2024 - 01 - 05   2k 024"
    assert render("1" + "0" * 18, overflow="extend") == "1e18 000q 000t 000b 000m 000k 000"
    assert render("1" + "0" * 18, overflow="horner") == "1 000q 000t 000b 000m 000k 000"
    with pytest.raises(InvalidInput) as caught:
        Triadic(overflow="error").pieces("é 1" + "0" * 18)
    assert caught.value.position == 3


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("mode", "exact"),
        ("variant", "both"),
        ("group", 0),
        ("group", 6),
        ("integer_groups", 0),
        ("fraction_groups", 100),
        ("marker_position", "above"),
        ("leading_zero", "keep"),
        ("overflow", "wrap"),
        ("separators", "."),
        ("separators", "a"),
        ("separators", ",,"),
        ("locale", "xx"),
        ("exempt", ["("]),
        ("min_digits", -1),
    ],
)
def test_options_that_cannot_be(option: str, value: Any) -> None:
    with pytest.raises(InvalidScheme) as caught:
        Triadic(**{option: value})
    assert caught.value.option == option
    assert isinstance(caught.value, TokmillError | ValueError)
    copied = pickle.loads(pickle.dumps(caught.value))
    assert (str(copied), copied.option) == (str(caught.value), option)


def test_is_a_value() -> None:
    scheme = Triadic("context", separators=", ", exempt=[r"\d{4}"])
    assert pickle.loads(pickle.dumps(scheme)) == scheme == copy.deepcopy(scheme)
    assert hash(scheme) == hash(Triadic("context", separators=(",", " "), exempt=(r"\d{4}",)))
    assert scheme != Triadic()
    assert repr(scheme) == "Triadic(mode='context', separators=(',', ' '), exempt=('\\\\d{4}',))"
    with pytest.raises(AttributeError):
        scheme.mode = "surface"  # type: ignore[misc]
    assert (Triadic().integer_groups, Triadic().fraction_groups) == (6, 5)


@pytest.mark.parametrize("unit", ["7", "1,", "1.", "1.5e6,", "1_000_", "0x1F ", "1,234,", "e5.5"])
def test_time_is_linear(unit: str) -> None:
    def seconds(size: int) -> float:
        """Of processor time, since the machine may be busy; the best of three."""
        text = unit * (size // len(unit))
        times = []
        for _ in range(3):
            start = time.thread_time()
            Triadic().pieces(text)
            times.append(time.thread_time() - start)
        return min(times)

    assert seconds(400_000) < 20 * max(seconds(100_000), 1e-3)
