"""Both implementations of both formats, where both are installed."""

import dataclasses
import datetime
import enum
import importlib.util
import json
import random
import unittest
import uuid

import support  # noqa: F401  makes the package importable

from workerhost import ResultError, _json, _msgpack

HAS_ORJSON = importlib.util.find_spec("orjson") is not None
HAS_MSGPACK = importlib.util.find_spec("msgpack") is not None


class Colour(enum.Enum):
    RED = "red"


class Number(enum.IntEnum):
    ONE = 1


class Text(str):
    pass


@dataclasses.dataclass
class Point:
    x: int
    when: datetime.datetime


GOOD = [
    None, True, 0, -(2**63), 2**64 - 1, 0.1, 1e22, -0.0, "", "é\n\"\\\u2028😀", [], {}, (1, [2, (3,)]),
    Text("t"), Number.ONE,
    {"a": None, "b": [None]}, {7: 2, None: 3, True: 4, 1.5: 5}, [Colour.RED], uuid.UUID(int=7),
    Point(1, datetime.datetime(2026, 1, 31, 12, 0, 0, 5000, datetime.timezone.utc)), datetime.date(2026, 1, 31),
    datetime.time(1, 2, 3),
]  # fmt: skip
BAD = [
    {1},
    b"x",
    object(),
    float("nan"),
    [float("inf")],
    {"a": {(): 1}},
    complex(1),
    Point,
    {"n": None, "x": float("nan")},
]


def deep(levels):
    value = None
    for _ in range(levels):
        value = [value]
    return value


class JSONTests(unittest.TestCase):
    DUMPS = {"standard": _json.dumps_standard}
    LOADS = {"standard": _json.loads_standard}
    if HAS_ORJSON:
        DUMPS["orjson"], LOADS["orjson"] = _json.dumps_orjson, _json.loads_orjson

    def test_values(self):
        for name, dumps in self.DUMPS.items():
            for value in GOOD + [2**70, "\ud800", deep(300)]:
                with self.subTest(name, value=str(value)[:50]):
                    expected = json.loads(json.dumps(value, default=_json.default))
                    self.assertEqual(json.loads(dumps(value)), expected)
                    self.assertNotIn(b"\n", dumps(value))

    def test_what_json_does_not_have(self):
        for name, dumps in self.DUMPS.items():
            for value in BAD + [deep(100_000)]:
                with self.subTest(name, value=str(type(value))):
                    with self.assertRaisesRegex(ResultError, "the result cannot be JSON: "):
                        dumps(value)
                    self.assertEqual(dumps([1]), b"[1]")  # nothing is left of the failure

    def test_reading(self):
        good = [
            b'{"a":[1,2.5,null,true,"\\u00e9"]}',
            b" [1] ",
            b"18446744073709551616",
            b"-9223372036854775809",
            b'"\\ud800"',
            b"1.25e3",
        ]
        bad = [b"", b"{", b"[1]x", b'{"a":}', b"\xff", b'"\x01"', b"nul"]
        for name, loads in self.LOADS.items():
            for data in good:
                with self.subTest(name, data=data):
                    self.assertEqual(repr(loads(data)), repr(json.loads(data)))
            for data in bad:
                with self.subTest(name, data=data), self.assertRaises(ValueError):
                    loads(data)


class MessagePackTests(unittest.TestCase):
    PACKS = {"plain": _msgpack.pack_plain}
    UNPACKS = {"plain": _msgpack.unpack_plain}
    if HAS_MSGPACK:
        PACKS["packaged"], UNPACKS["packaged"] = _msgpack.pack_packaged, _msgpack.unpack_packaged

    def test_values(self):
        for name, pack in self.PACKS.items():
            for reader, unpack in self.UNPACKS.items():
                for value in GOOD + [deep(300)]:
                    with self.subTest(name, reader=reader, value=str(value)[:50]):
                        self.assertEqual(unpack(pack(value)), json.loads(json.dumps(value, default=_json.default)))

    def test_lengths(self):
        for count in (15, 16, 31, 32, 255, 256, 65535, 65536):
            for value in ("x" * count, [1] * count, {str(n): n for n in range(count)}):
                packed = _msgpack.pack_plain(value)
                for unpack in self.UNPACKS.values():
                    self.assertTrue(unpack(packed) == value)
                self.assertEqual(len({pack(value) for pack in self.PACKS.values()}), 1)

    def test_what_json_does_not_have(self):
        for name, pack in self.PACKS.items():
            for value in BAD + [2**64, -(2**63) - 1, deep(100_000)]:
                with self.subTest(name, value=str(type(value))), self.assertRaises(ResultError):
                    pack(value)

    def test_broken_documents(self):
        whole = _msgpack.pack_plain({"id": "a", "params": [1, 2.5, "text", {"n": None}], "more": 70000})
        chance = random.Random(7)
        broken = [whole[:length] for length in range(len(whole))] + [
            whole + b"\0",
            b"\xc1",
            b"\xdd\xff\xff\xff\xff",
            b"\xa1\xff",
        ]
        noise = [bytes(chance.randrange(256) for _ in range(chance.randrange(1, 40))) for _ in range(500)]
        for name, unpack in self.UNPACKS.items():
            for data in broken:
                with self.subTest(name, data=data), self.assertRaises(ValueError):
                    unpack(data)
            for data in noise:
                try:
                    unpack(data)
                except (ValueError, TypeError):
                    pass  # what a frame's reader expects


if __name__ == "__main__":
    unittest.main()
