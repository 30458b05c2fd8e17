"""Texts that tokenizers get wrong: deterministic lists by theme, and hypothesis strategies.

Every function that takes a ``random.Random`` gives the same texts for the same seed. All texts are
valid (no lone surrogates) unless the name says bytes.
"""

from __future__ import annotations

import functools
import random
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from hypothesis import strategies as st

# White space as the references see it, and the characters that only look like it.
SPACES = (
    " \t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
NOT_QUITE_SPACES = "\x1c\x1d\x1e\x1f\u180e\u200b\u200c\u200d\u2060\ufeff\u2800\u3164"

CONTRACTIONS = ("s", "t", "re", "ve", "m", "ll", "d")
APOSTROPHES = "'\u2019\u02bc`\uff07"

DIGITS = "0123456789٠٣٩۵߄१४৭੨૯೬๓໕༩၄១᠗０５９𝟎𝟡𝟞🯰²³¹½¼⅓ⅷⅫ①⑳㊿一二〇零𐄇𒐀፩௧൰"
MARKS = (
    "\u0300\u0301\u0308\u0327\u0338\u0345\u05b4\u064b\u0670\u093c\u094d\u0e31\u0f71\u20dd\u3099\ufe0f"
    "\U0001d165\U000e0100"
)
LETTERS = "aZéßſKÅǅǈǋǲᾈᾼʰʲˈªºⁿﬀﬆĸŉΩωςДжאبךकอกခកཀ中文漢字ひカｶ한글ᄀᆨ가𝐀𝔞𐐀𐐨𞤀𞤢ꙮǃℵℶ𛅐ー々〆ꟸꟹ"
PUNCTUATION = (
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
    "¡§«»¿–—‘’“”…‰⁂、。「」『』【】，！？؛؟।॥๏༄€£¥₿∑√∞≠←→⇒■●★☃©®™°±×÷"
)
EMOJI = (
    "😀",
    "👍🏽",
    "👨‍👩‍👧‍👦",
    "🏳️‍🌈",
    "🇩🇪🇫🇷",
    "1️⃣",
    "#️⃣",
    "❤️‍🔥",
    "☎️",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "🫠",
    "🧑🏿‍❤️‍💋‍🧑🏻",
)
CONTROLS = (
    "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0)))) + "\xad\u200e\u202e\u2066\ufff9\U000e0001"
)
EDGES = "\x00\x7f\x80\u07ff\u0800\ud7ff\ue000\ufffd\ufffe\uffff\U00010000\U0001ffff\U0010ffff"
NORMALIZATION = (
    "e\u0301 é Å \u212b A\u030a",
    "\u1e9b\u0323 \u1e9b\u0323\u0307",
    "\u0344 \u0374 \u037e \u0387 \u2126 \u212a",
    "각 \u1100\u1161\u11a8 가\u11a8 \u1100\u1161",
    "\u0958 \u0915\u093c \u09dc \u0f73 \u0fb9",
    "a\u0315\u0300\u05ae\u0062 q\u0307\u0323 q\u0323\u0307",
    "\u2adc \U0001d15e \U0001d1bf \ufb1d שּׁ",
    "か\u3099 が ハ\u309a",
    "\U00011099\U000110ba \U00011131\U00011127",
    "豈 更 \U0002f800 \uf900\u0300",
    "\u0301 alone \u0301\u0301",
    "a" + "\u0301" * 40 + "b",
)
CASES = (
    "camelCaseString HTTPServer iPhoneX XMLHttpRequest2",
    "ABCdefGHIjkl aBcDeF fooBAR Foobar fooBar FOObar",
    "ǅungla ǆ Ǆ ǈ Ljubljana ǲ",
    "ʰello Hʰello HʰELLO ᵃᵇc ﾞ",
    "A中B文c中Dあe ABC中文def 中ABC文",
    "don'tStop CAN'Tstop we'llGo WE'LLgo it'S It's IT'S",
    "a\u0301B\u0301c ÀÉÎõü ẞß ŒuvreŒUVRE",
    "ΑΒΓαβγ АБВабв ԱԲաբ ႠႡაბ ᲐᲑ ꭰꭱ Ꭰ",
)
LOOK_AHEAD = (
    "a ",
    "a  ",
    "a   ",
    " a",
    "  a",
    "   a",
    "\n",
    "\n\n",
    "a\n",
    "a\n\n",
    "a \n",
    "a \n ",
    "a \n b",
    "a \n  b",
    "a\r\n",
    "a\r\n\r\n  b",
    "a\r",
    "  \n\n  \n x",
    "\t\ta",
    "\t a",
    " \ta",
    "a\u00a0",
    "a\u00a0\u00a0b",
    "\u3000\u3000あ",
    "a\u0085b",
    "a\u2028b\u2029",
    "!\n",
    "!\r\n\n/",
    "!//\n/",
    " !\n a",
    "a'",
    "'",
    "''",
    " '",
    "'s'",
    "a's's",
    "  's",
    "1'2",
    "x\n'",
    "'\n's",
)


def case_spellings(text: str) -> Iterator[str]:
    """``text`` in every mixture of cases, with the long s and the Kelvin sign where they fold."""
    if not text:
        yield ""
        return
    variants = {text[0].lower(), text[0].upper()}
    variants |= {"ſ"} if text[0] in "sS" else {"K"} if text[0] in "kK" else set()
    for rest in case_spellings(text[1:]):
        for first in sorted(variants):
            yield first + rest


def contractions() -> list[str]:
    texts = []
    for tail in CONTRACTIONS:
        for spelling in case_spellings(tail):
            texts += [
                f"it'{spelling}",
                f"IT'{spelling} x",
                f"'{spelling}",
                f" '{spelling}x",
                f"1'{spelling}!",
            ]
        texts += [f"we{mark}{tail} go" for mark in APOSTROPHES]
        texts += [f"a'{tail}\u0301", f"a'{tail}{tail}", f"a''{tail}", f"a' {tail}", f"a'{tail[:1]}"]
    return [*texts, "'ſ", "K's", "'K", "x'ﬆ", "x'ſt", "I'LLL", "we'vee", "d'd'd"]


def white_space(rng: random.Random, count: int = 300) -> list[str]:
    texts = list(LOOK_AHEAD)
    texts += [c * n for c in SPACES + NOT_QUITE_SPACES for n in (1, 2, 3, 17)]
    texts += [f"a{c}{c}b{c}" for c in SPACES + NOT_QUITE_SPACES]
    common = " " * 12 + "\n\n\n\t\r"
    for _ in range(count):
        run = "".join(rng.choices(common + SPACES, k=rng.randint(1, 12)))
        texts.append(
            rng.choice(["", "a", "é", "中", "1", "!", "'s"])
            + run
            + rng.choice(["", "a", "é", "中", "1", "!", "'s"])
        )
    return texts


def long_words(rng: random.Random) -> list[str]:
    """Words whose length in bytes lies around the sizes that implementations treat specially."""
    sizes = [*range(1, 20), *range(29, 36), *range(61, 68), *range(95, 102), *range(125, 131), 200]
    sizes += [255, 256, 257, 300]
    alphabets = (
        "a",
        "ab",
        "etaoinshrdlu",
        "ABCDEFGHIJ",
        "éàüö",
        "привет",
        "中文字符",
        "한국어",
        "𝐀𝐁",
        "0123456789",
        "=-_",
        "ａｂ",
    )
    texts = []
    for size in sizes:
        for alphabet in alphabets:
            word = "".join(rng.choices(alphabet, k=size))
            while len(word.encode()) > size and len(word) > 1:
                word = word[:-1]
            texts += [word, " " + word, word + " x", "x" * (size - len(word.encode())) + word]
    return texts


def shifted(rng: random.Random, pieces: Sequence[str]) -> list[str]:
    """Each piece at every offset 0..80 of a run, so that it crosses every block boundary."""
    texts = []
    for piece in pieces:
        filler = rng.choice(["a", " ", "word ", "x1", "\n", "é", "_"])
        for offset in range(81):
            texts.append((filler * 81)[:offset] + piece + "tail " + piece)
    return texts


def mixtures(rng: random.Random, count: int) -> list[str]:
    """Short texts put together from all themes at random."""
    pools: list[Callable[[], str]] = [
        lambda: rng.choice(SPACES),
        lambda: " " * rng.randint(1, 5),
        lambda: rng.choice("\n\r\t"),
        lambda: rng.choice(LETTERS),
        lambda: rng.choice(MARKS),
        lambda: rng.choice(DIGITS),
        lambda: "".join(rng.choices("0123456789", k=rng.randint(1, 8))),
        lambda: rng.choice(PUNCTUATION),
        lambda: rng.choice(CONTROLS + NOT_QUITE_SPACES + EDGES),
        lambda: rng.choice(EMOJI),
        lambda: (
            rng.choice(APOSTROPHES)
            + rng.choice(("s", "S", "ſ", "ll", "LL", "re", "Ve", "t", "d", "M"))
        ),
        lambda: rng.choice(
            (
                "the",
                "The",
                "HTTP",
                "of",
                "ing",
                "Привет",
                "中文",
                "東京都",
                "ひらがな",
                "한국",
                "naïve",
            )
        ),
        lambda: rng.choice(NORMALIZATION),
        lambda: chr(
            rng.choice(
                (
                    rng.randrange(0x20, 0x3000),
                    rng.randrange(0xE000, 0x20000),
                    rng.randrange(0x110000 - 0x800),
                )
            )
            % 0xD800
        ),
    ]
    return ["".join(rng.choice(pools)() for _ in range(rng.randint(1, 14))) for _ in range(count)]


def special_tokens_in_text(rng: random.Random, names: Sequence[str], count: int = 200) -> list[str]:
    """Literal added tokens: whole, cut, overlapping, adjacent, with space and words around."""
    if not names:
        return []
    names = list(names) if len(names) <= 24 else rng.sample(list(names), 24)
    texts = []
    for name in names:
        texts += [
            name,
            name * 2,
            f"a{name}b",
            f"a {name} b",
            f"  {name}  {name}\n",
            f"\n{name}\n\n",
        ]
        texts += [
            name[:-1],
            name[1:],
            name[:-1] + name,
            name + name[1:],
            name[: len(name) // 2] * 2,
        ]
        texts += [
            f"é{name}中",
            f"{name}'s",
            f"_{name}_",
            f"1{name}2",
            f".{name}.",
            f"\u3000{name}\u00a0",
        ]
        texts += [name.upper(), name.lower(), " ".join(name)]
    glue = [
        "",
        "",
        " ",
        "  ",
        "\n",
        "a",
        "The",
        "中",
        "é",
        "'s",
        "1",
        "\u00a0",
        "<|",
        "|>",
        "<",
        ">",
        "[",
        "]",
    ]
    for _ in range(count):
        parts = [
            rng.choice([rng.choice(glue), rng.choice(names)]) for _ in range(rng.randint(2, 9))
        ]
        if rng.random() < 0.3:
            name = rng.choice(names)
            parts.insert(0, name[: rng.randint(0, len(name))])
        texts.append("".join(parts))
    return texts


@functools.cache
def every_code_point(per_line: int = 64) -> tuple[str, ...]:
    """All scalar values that are assigned or near one, some in each context, many on a line."""
    code_points = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    interesting = [c for c in code_points if unicodedata.category(chr(c)) not in ("Cn", "Co")]
    interesting += [c for c in code_points if unicodedata.category(chr(c)) in ("Cn", "Co")][::97]
    contexts = ("{}", "a{}b", " {}", "{}{}", "1{}", "\n{} ")
    texts = []
    for start in range(0, len(interesting), per_line):
        block = interesting[start : start + per_line]
        texts.append("".join(contexts[c % len(contexts)].replace("{}", chr(c)) for c in block))
    return tuple(texts)


def hard_strings(seed: int, names: Sequence[str] = (), count: int = 400) -> list[str]:
    """A list with something of every theme.

    Args:
        seed: which list; the same seed gives the same list.
        names: added tokens of the tokenizer, to be spelled in the texts.
        count: how many random mixtures to add to the fixed texts.
    """
    rng = random.Random(seed)
    texts = ["", *contractions(), *white_space(rng), *CASES, *NORMALIZATION, *EMOJI]
    texts += list(LETTERS + MARKS + DIGITS + PUNCTUATION + CONTROLS + EDGES)
    texts += [f"{a}{b}" for a in "a1! \n'é中" for b in MARKS + EDGES + CONTROLS]
    texts += ["\x00" * n for n in (1, 2, 16, 33)] + ["a\x00b", " \x00 ", "\x00\n"]
    texts += long_words(rng)
    texts += shifted(rng, ["é", "中文", "\u2028", "'S", "1234", "  \n", "👨‍👩‍👧", *list(names)[:2]])
    texts += special_tokens_in_text(rng, names)
    texts += mixtures(rng, count)
    return texts


def random_bytes(seed: int, count: int = 300) -> list[bytes]:
    """Byte strings that are not UTF-8 in every way that there is, and some that are."""
    rng = random.Random(seed)
    broken = (
        b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xc3", b"\xe2\x82", b"\xe0\x80\x80",
        b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xf0\x80\x80\x80", b"\xf4\x90\x80\x80", b"\xf5",
        b"\xff", b"\xfe\xff", b"\xe4\xb8",
    )  # fmt: skip
    texts = [
        prefix + bad + suffix
        for bad in broken
        for prefix in (b"", b"abc ", b"  \n", "é中 ".encode())
        for suffix in (b"", b" tail", b"\n\n", "中".encode())
    ]
    for _ in range(count):
        texts.append(rng.randbytes(rng.randint(0, 40)))
        text = "".join(mixtures(rng, 2)).encode()
        cut = rng.randint(0, len(text))
        texts += [text[:cut], text[cut:], text[:cut] + rng.choice(broken) + text[cut:]]
    return texts


# --------------------------------------------------------------------------------------------------
# Strategies
# --------------------------------------------------------------------------------------------------


def texts(names: Sequence[str] = ()) -> st.SearchStrategy[str]:
    """Texts made of troublesome bits, arbitrary characters and the given token names."""
    bits = [
        st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=6),
        st.sampled_from(SPACES + NOT_QUITE_SPACES),
        st.sampled_from([" ", "  ", "   ", "\n", "\n\n", "\r\n", "\t"]),
        st.sampled_from(LETTERS),
        st.sampled_from(MARKS),
        st.sampled_from(DIGITS),
        st.text(alphabet="0123456789", min_size=1, max_size=9),
        st.sampled_from(PUNCTUATION),
        st.sampled_from(CONTROLS + EDGES),
        st.sampled_from(EMOJI),
        st.sampled_from(contractions()),
        st.sampled_from(["the", " of", "ing", "HTTPServer", "中文", "ひらがな", "Привет"]),
        st.sampled_from(NORMALIZATION),
        st.text(alphabet="abcxyz ", min_size=1, max_size=40),
    ]
    if names:
        spelled = st.sampled_from(list(names)[:64])
        bits += [
            spelled,
            spelled,
            spelled.flatmap(lambda name: st.integers(0, len(name)).map(lambda n: name[:n])),
        ]
    return st.lists(st.one_of(*bits), max_size=12).map("".join)


def byte_strings() -> st.SearchStrategy[bytes]:
    """Byte strings, many of them nearly UTF-8."""
    nearly = st.tuples(texts().map(str.encode), st.binary(max_size=4), texts().map(str.encode))
    return st.one_of(st.binary(max_size=60), nearly.map(b"".join))
