"""How a text is cut into SMS. The foreign peer is smpplib, where it is known to be right."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpplib.consts import SMPP_ENCODING_DEFAULT, SMPP_ENCODING_ISO10646
from smpplib.gsm import make_parts

from waypost.model.content.segments import GSM7_ALPHABET, GSM7_EXTENSION, LIMITS, encoding, segment

DEFAULT = GSM7_ALPHABET.replace("\x1b", "")
EXTENSION = "".join(GSM7_EXTENSION)
GSM7_TEXT = st.text(st.sampled_from(DEFAULT + EXTENSION * 3), max_size=700)
MIXED_TEXT = st.text(st.sampled_from("aé€中😀𝄞\n"), max_size=400)


def gsm7_units(text: str) -> int:
    return sum(2 if char in EXTENSION else 1 for char in text)


def ucs2_units(text: str) -> int:
    return len(text.encode("utf-16-be")) // 2


def test_the_alphabet_is_gsm_03_38() -> None:
    assert len(GSM7_ALPHABET) == 128
    assert len(set(GSM7_ALPHABET)) == 128
    ascii_at_home = set(map(chr, range(0x20, 0x7F))) - set("$@[\\]^_`{|}~")
    assert {
        char for char in map(chr, range(0x20, 0x7F)) if GSM7_ALPHABET.find(char) == ord(char)
    } == ascii_at_home
    codes = {
        "@": 0x00,
        "$": 0x02,
        "_": 0x11,
        "\x1b": 0x1B,
        "¡": 0x40,
        "Ä": 0x5B,
        "§": 0x5F,
        "¿": 0x60,
        "à": 0x7F,
    }
    assert {char: GSM7_ALPHABET.index(char) for char in codes} == codes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "gsm7"),
        ("Hello @£ÄÖ§", "gsm7"),
        ("{[~]}|^\\€\f", "gsm7"),
        ("`", "ucs2"),
        ("ç", "ucs2"),
        ("\x1b", "ucs2"),
        ("你好", "ucs2"),
        ("😀", "ucs2"),
    ],
)
def test_the_encoding_is_the_smaller_one_that_has_every_character(text: str, expected: str) -> None:
    assert encoding(text) == expected


@pytest.mark.parametrize(
    ("text", "sizes", "units"),
    [
        ("", [0], 0),
        ("a" * 160, [160], 160),
        ("a" * 161, [153, 8], 161),
        ("€" * 80, [80], 160),
        ("€" * 81, [76, 5], 162),
        ("a" * 152 + "€" + "b" * 10, [152, 11], 164),
        ("a" * 306, [153, 153], 306),
        ("a" * 307, [153, 153, 1], 307),
        ("中" * 70, [70], 70),
        ("中" * 71, [67, 4], 71),
        ("😀" * 35, [35], 70),
        ("😀" * 36, [33, 3], 72),
        ("中" * 66 + "😀" + "中" * 5, [66, 6], 73),
    ],
)
def test_a_text_is_cut_at_the_documented_limits(text: str, sizes: list[int], units: int) -> None:
    cut = segment(text)
    assert [len(part) for part in cut.parts] == sizes
    assert cut.units == units


@given(GSM7_TEXT | MIXED_TEXT | st.text(max_size=300))
def test_parts_join_to_the_text_and_keep_within_their_limit(text: str) -> None:
    chosen, parts, units = segment(text)
    measure = gsm7_units if chosen == "gsm7" else ucs2_units
    limits = LIMITS[chosen]
    assert "".join(parts) == text
    assert units == measure(text)
    assert (len(parts) == 1) is (units <= limits.single)
    assert all(0 < measure(part) <= limits.part for part in parts) or len(parts) == 1


@given(GSM7_TEXT | MIXED_TEXT)
def test_no_part_could_have_taken_the_next_character(text: str) -> None:
    chosen, parts, _ = segment(text)
    measure = gsm7_units if chosen == "gsm7" else ucs2_units
    for part, following in pairwise(parts):
        assert measure(part + following[0]) > LIMITS[chosen].part


@given(MIXED_TEXT.map(lambda text: "中" + text))
def test_each_part_can_be_encoded_alone(text: str) -> None:
    """A split surrogate pair would not decode, and would not join to the same bytes."""
    parts = segment(text).parts
    assert "".join(part.encode("utf-16-be").decode("utf-16-be") for part in parts) == text


# smpplib has ` where GSM 03.38 has §, and cuts inside escape pairs.
@given(st.text(st.sampled_from(DEFAULT.replace("§", "")), min_size=1, max_size=900))
def test_smpplib_counts_the_same_gsm_parts(text: str) -> None:
    foreign, data_coding, _ = make_parts(text)
    assert data_coding == SMPP_ENCODING_DEFAULT
    assert len(segment(text).parts) == len(foreign)


@given(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=400))
def test_smpplib_counts_the_same_ucs2_parts(text: str) -> None:
    foreign, data_coding, _ = make_parts("中" + text)
    assert data_coding == SMPP_ENCODING_ISO10646
    assert len(segment("中" + text).parts) == len(foreign)
