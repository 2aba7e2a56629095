"""MessagePack by the package `msgpack` where it is installed, else by this file; what JSON lacks is refused by both."""

from __future__ import annotations

import struct
from typing import Any, Callable, List, Tuple

from ._json import default, dumps_standard, loads_standard, why_not
from .errors import ResultError

try:
    import msgpack as _msgpack  # type: ignore[import-untyped,import-not-found,unused-ignore]
except ImportError:
    _msgpack = None

MAX_DEPTH = 512


def pack_plain(value: Any) -> bytes:
    """A value as MessagePack; ResultError if JSON could not hold it, or an integer has over 64 bits."""
    parts: List[bytes] = []
    try:
        _pack(value, parts.append, 0)
    except (TypeError, ValueError, OverflowError, struct.error) as error:
        raise ResultError(f"the result cannot be MessagePack: {why_not(value) or error}") from None
    return b"".join(parts)


def _head(count: int, small: int, small_max: int, codes: Tuple[int, int, int]) -> bytes:
    """The start of a text, list or map: its kind and length."""
    if count <= small_max:
        return bytes((small | count,))
    if count <= 0xFF and codes[0]:
        return struct.pack(">BB", codes[0], count)
    return struct.pack(">BH", codes[1], count) if count <= 0xFFFF else struct.pack(">BI", codes[2], count)


def _key(key: Any) -> str:
    """A key as json.dumps writes it."""
    if isinstance(key, str):
        return key
    if key is None or isinstance(key, (int, float)):
        return dumps_standard(key).decode("ascii")
    raise TypeError("keys must be texts")


def _pack(value: Any, add: Callable[[bytes], None], depth: int) -> None:
    if isinstance(value, str):
        data = _utf8(value)
        add(_head(len(data), 0xA0, 31, (0xD9, 0xDA, 0xDB)))
        add(data)
    elif value is None or value is True or value is False:
        add(b"\xc0" if value is None else b"\xc3" if value else b"\xc2")
    elif isinstance(value, int):
        add(_integer(int(value)))
    elif isinstance(value, float):
        if value - value != 0:
            raise ValueError(f"{value!r} is a number that JSON does not have")
        add(struct.pack(">Bd", 0xCB, value))
    elif depth > MAX_DEPTH:
        raise ValueError(f"nested more than {MAX_DEPTH} levels deep")
    elif isinstance(value, dict):
        add(_head(len(value), 0x80, 15, (0, 0xDE, 0xDF)))
        for key, item in value.items():
            _pack(_key(key), add, depth + 1)
            _pack(item, add, depth + 1)
    elif isinstance(value, (list, tuple)):
        add(_head(len(value), 0x90, 15, (0, 0xDC, 0xDD)))
        for item in value:
            _pack(item, add, depth + 1)
    else:
        _pack(default(value), add, depth + 1)


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:  # lone surrogates, which UTF-8 does not have
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode("utf-8")


def _integer(value: int) -> bytes:
    if -32 <= value <= 127:
        return struct.pack("b", value)
    if value >= 0:
        for limit, code in ((0xFF, ">BB"), (0xFFFF, ">BH"), (0xFFFFFFFF, ">BI"), (0xFFFFFFFFFFFFFFFF, ">BQ")):
            if value <= limit:
                return struct.pack(code, {"B": 0xCC, "H": 0xCD, "I": 0xCE, "Q": 0xCF}[code[2]], value)
    for limit, code in ((0x80, ">Bb"), (0x8000, ">Bh"), (0x80000000, ">Bi"), (0x8000000000000000, ">Bq")):
        if -limit <= value < 0:
            return struct.pack(code, {"b": 0xD0, "h": 0xD1, "i": 0xD2, "q": 0xD3}[code[2]], value)
    raise OverflowError("an integer has more than 64 bits")


_FIXED = {
    0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xD0: ">b", 0xD1: ">h", 0xD2: ">i",
    0xD3: ">q",
}  # fmt: skip
_LENGTHS = {
    0xD9: ("text", ">B"), 0xDA: ("text", ">H"), 0xDB: ("text", ">I"), 0xC4: ("bytes", ">B"), 0xC5: ("bytes", ">H"),
    0xC6: ("bytes", ">I"), 0xDC: ("list", ">H"), 0xDD: ("list", ">I"), 0xDE: ("map", ">H"), 0xDF: ("map", ">I"),
}  # fmt: skip


def unpack_plain(data: bytes) -> Any:
    """One MessagePack document; ValueError if it is none."""
    try:
        value, end = _unpack(data, 0, 0)
    except (IndexError, struct.error):
        raise ValueError(f"the MessagePack document breaks off after {len(data)} bytes") from None
    if end != len(data):
        raise ValueError(f"{len(data) - end} bytes follow the MessagePack document")
    return value


def _unpack(data: bytes, at: int, depth: int) -> Tuple[Any, int]:
    code = data[at]
    at += 1
    if code <= 0x7F:
        return code, at
    if code >= 0xE0:
        return code - 256, at
    if 0xA0 <= code <= 0xBF:
        return _sized("text", code & 31, data, at, depth)
    if code <= 0x8F:
        return _sized("map", code & 15, data, at, depth)
    if code <= 0x9F:
        return _sized("list", code & 15, data, at, depth)
    if code in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[code], at
    if code in _FIXED:
        shape = _FIXED[code]
        return struct.unpack_from(shape, data, at)[0], at + struct.calcsize(shape)
    if code in _LENGTHS:
        kind, shape = _LENGTHS[code]
        return _sized(kind, struct.unpack_from(shape, data, at)[0], data, at + struct.calcsize(shape), depth)
    raise ValueError(f"0x{code:02x} at byte {at - 1} is no MessagePack that JSON could hold")


def _sized(kind: str, count: int, data: bytes, at: int, depth: int) -> Tuple[Any, int]:
    if count > len(data) - at:
        raise IndexError
    if kind in ("text", "bytes"):
        part = data[at : at + count]
        return (part.decode("utf-8") if kind == "text" else part), at + count
    if depth > MAX_DEPTH:
        raise ValueError(f"nested more than {MAX_DEPTH} levels deep")
    if kind == "list":
        items = []
        for _ in range(count):
            item, at = _unpack(data, at, depth + 1)
            items.append(item)
        return items, at
    members = {}
    for _ in range(count):
        key, at = _unpack(data, at, depth + 1)
        members[key], at = _unpack(data, at, depth + 1)
    return members, at


def pack_packaged(value: Any) -> bytes:
    """The same by the package, which is stricter here and laxer there: what goes into it has been JSON."""
    try:
        data: bytes = _msgpack.packb(loads_standard(dumps_standard(value)))
        return data
    except (ValueError, OverflowError):  # lone surrogates (a ValueError, too), over 64 bits, too deep
        return pack_plain(value)


def unpack_packaged(data: bytes) -> Any:
    """The same by the package."""
    try:
        return _msgpack.unpackb(data, raw=False, strict_map_key=True)
    except Exception as error:  # its exceptions share no base
        raise ValueError(f"no MessagePack document: {type(error).__name__}: {error}") from None


pack = pack_plain if _msgpack is None else pack_packaged
unpack = unpack_plain if _msgpack is None else unpack_packaged
