"""JSON as fast as the standard library can, or orjson where that gives the same."""

from __future__ import annotations

import enum
import json
import sys
from json import encoder as _encoder
from typing import Any, Callable, List, Optional

from .errors import ResultError

try:
    import orjson as _orjson
except ImportError:
    _orjson = None  # type: ignore[assignment,unused-ignore]

_DIGITS = bytes(0x39 if 0x30 <= byte <= 0x39 else byte for byte in range(256))
_LONG = b"9" * 19
_scan: Callable[[str, int], Any] = getattr(json.JSONDecoder(), "scan_once")


def default(value: Any) -> Any:
    """What else may be in a result: dataclasses, dates and times, UUIDs and enums; all in the way of orjson."""
    # What is in a result has been imported; these modules would cost each start some milliseconds.
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in sys.modules["dataclasses"].fields(value)}
    dates = sys.modules.get("datetime")
    if dates is not None and isinstance(value, (dates.date, dates.time)):  # a datetime is a date
        return value.isoformat()
    ids = sys.modules.get("uuid")
    if ids is not None and isinstance(value, ids.UUID):
        return str(value)
    if isinstance(value, enum.Enum):
        return value.value
    raise TypeError(f"a {type(value).__qualname__} is nothing that JSON has")


def loads_standard(line: bytes) -> Any:
    """One JSON document; ValueError if it is none."""
    text = line.decode("utf-8")
    try:
        value, end = _scan(text, 0)
        if end == len(text):
            return value
    except (StopIteration, ValueError):
        pass  # white space around it, or an error: the library says where
    return json.loads(text)


def loads_orjson(line: bytes) -> Any:
    """The same by orjson; long integers, lone surrogates and what else it does otherwise go to the library."""
    # orjson makes floats of integers over 64 bits.
    if _LONG not in line.translate(_DIGITS):
        try:
            return _orjson.loads(line)
        except ValueError:
            pass
    return loads_standard(line)


def _make(escape: Callable[[str], str], ascii_only: bool) -> Callable[[Any], str]:
    """An encoder without the layers that json.dumps goes through for each value."""
    slow = json.JSONEncoder(ensure_ascii=ascii_only, allow_nan=False, separators=(",", ":"), default=default).encode
    make = getattr(_encoder, "c_make_encoder", None)
    markers: "dict[int, Any]" = {}
    try:
        fast = make(markers, default, escape, None, ":", ",", False, False, False)  # type: ignore[misc,unused-ignore]
        if "".join(fast({"a": [1, None, 0.5]}, 0)) != '{"a":[1,null,0.5]}':
            return slow
    except Exception:
        return slow  # another interpreter than CPython, or a later one

    def encode(value: Any) -> str:
        try:
            return "".join(fast(value, 0))
        except BaseException:
            markers.clear()
            raise

    return encode


_encode = _make(_encoder.encode_basestring, False)
_encode_ascii = _make(_encoder.encode_basestring_ascii, True)


def dumps_standard(value: Any) -> bytes:
    """A value as JSON on one line; ResultError if JSON cannot hold it."""
    try:
        try:
            return _encode(value).encode("utf-8")
        except UnicodeEncodeError:  # lone surrogates, which JSON can have as \\ud800
            return _encode_ascii(value).encode("ascii")
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ResultError(f"the result cannot be JSON: {why_not(value) or error}") from None


def dumps_orjson(value: Any) -> bytes:
    """The same by orjson, where it gives the same."""
    try:
        data: bytes = _orjson.dumps(value, default, _OPTIONS)
    except TypeError:
        return dumps_standard(value)
    # It writes null for numbers that JSON does not have.
    return dumps_standard(value) if b"null" in data else data


if _orjson is not None:
    _OPTIONS = _orjson.OPT_PASSTHROUGH_DATACLASS | _orjson.OPT_PASSTHROUGH_DATETIME | _orjson.OPT_PASSTHROUGH_SUBCLASS
    loads: Callable[[bytes], Any] = loads_orjson
    dumps: Callable[[Any], bytes] = dumps_orjson
else:
    loads, dumps = loads_standard, dumps_standard


def why_not(value: Any, path: str = "result", above: Optional[List[int]] = None) -> Optional[str]:
    """The first place that JSON cannot hold, for people; None if it was not found."""
    above = above or []
    if isinstance(value, (str, int, bool)) or value is None:
        return None
    if isinstance(value, float):
        return None if value - value == 0 else f"{path} is {value!r}, a number that JSON does not have"
    if id(value) in above:
        return f"{path} contains itself"
    if len(above) > 200:
        return f"it is nested more than {len(above)} levels deep"
    inner = above + [id(value)]
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, (str, int, float, bool)) and key is not None:
                return f"{path} has a key that is a {type(key).__qualname__}: {_short(key)}; keys must be texts"
            found = why_not(item, f"{path}.{key}" if str(key).isidentifier() else f"{path}[{key!r}]", inner)
            if found:
                return found
        return None
    if isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            found = why_not(item, f"{path}[{index}]", inner)
            if found:
                return found
        return None
    try:
        return why_not(default(value), path, inner)
    except TypeError:
        return f"{path} is a {type(value).__qualname__}: {_short(value)}{_advice(value)}"


def _advice(value: Any) -> str:
    if isinstance(value, (set, frozenset)):
        return "; make it a list"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "; decode it to a text, or encode it as base64"
    return ""


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:
        return "(no repr)"
    return text if len(text) <= 80 else text[:79] + "…"
