"""Frames in and replies out, in both formats."""

from __future__ import annotations

import re
import struct
from json.encoder import encode_basestring_ascii as _escape
from typing import Any, Dict, List, Optional

from . import _json, _msgpack
from ._capture import Entry
from ._outcome import ErrorMember

_ID = re.compile(rb'"id"\s*:\s*"((?:[^"\\]|\\.)*)"')


class BadFrame:
    """A frame that cannot be read."""

    __slots__ = ("id", "message")

    def __init__(self, message: str, task_id: Optional[str] = None) -> None:
        self.message = message
        self.id = task_id


class JSONCodec:
    """One JSON document on each line."""

    def __init__(self) -> None:
        self._rest: List[bytes] = []
        self._dumps = _json.dumps

    def feed(self, data: bytes) -> List[bytes]:
        """The frames that are whole with these bytes."""
        if b"\n" not in data:
            self._rest.append(data)
            return []
        if self._rest:
            self._rest.append(data)
            data = b"".join(self._rest)
        lines = data.split(b"\n")
        last = lines.pop()
        self._rest = [last] if last else []
        return lines

    def rest(self) -> bytes:
        """What came behind the last whole frame."""
        data = b"".join(self._rest)
        self._rest = []
        return data if data.strip() else b""

    def decode(self, line: bytes) -> Any:
        """The frame, or a BadFrame. None for an empty line."""
        try:
            return _json.loads(line)
        except (ValueError, RecursionError) as error:
            if not line.strip():
                return None
            found = _ID.search(line)
            task_id = None
            if found:
                try:
                    task_id = _json.loads_standard(b'"' + found[1] + b'"')
                except ValueError:
                    pass  # then the frame stays without an id
            shown = line[:80].decode("utf-8", "backslashreplace") + ("…" if len(line) > 80 else "")
            return BadFrame(f"the input is not JSON: {error}: {shown}", task_id)

    def success(self, task_id: Any, result: Any, logs: Optional[List[Entry]] = None) -> bytes:
        """A reply; ResultError if the result cannot be JSON."""
        data = self._dumps(result) if result is not None else b"null"
        tail = b',"logs":%b}\n' % self._plain(logs) if logs else b"}\n"
        return b'{%b"success":true,"result":%b%b' % (self._id(task_id), data, tail)

    def failure(self, task_id: Any, error: ErrorMember, logs: Optional[List[Entry]] = None) -> bytes:
        """A reply."""
        tail = b',"logs":%b}\n' % self._plain(logs) if logs else b"}\n"
        return b'{%b"success":false,"error":%b%b' % (self._id(task_id), self._plain(error), tail)

    def message(self, frame: Dict[str, Any]) -> bytes:
        """Something else than a reply."""
        return self._plain(frame) + b"\n"

    def _id(self, task_id: Any) -> bytes:
        if type(task_id) is str:
            return b'"id":%b,' % _escape(task_id).encode("ascii")
        return b"" if task_id is None else b'"id":%b,' % self._plain(task_id)

    @staticmethod
    def _plain(value: Any) -> bytes:
        return _json.dumps_standard(value)


class MessagePackCodec:
    """Frames of a 4-byte big-endian length and a MessagePack map."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> List[bytes]:
        """The frames that are whole with these bytes."""
        self._data += data
        frames = []
        at, end = 0, len(self._data)
        while end - at >= 4:
            (length,) = struct.unpack_from(">I", self._data, at)
            if end - at - 4 < length:
                break
            frames.append(bytes(self._data[at + 4 : at + 4 + length]))
            at += 4 + length
        if at:
            del self._data[:at]
        return frames

    def rest(self) -> bytes:
        """What came behind the last whole frame."""
        data = bytes(self._data)
        self._data.clear()
        return data

    def decode(self, data: bytes) -> Any:
        """The frame, or a BadFrame."""
        try:
            return _msgpack.unpack(data)
        except (ValueError, TypeError, RecursionError) as error:
            return BadFrame(f"the input is not MessagePack: {error}")

    def success(self, task_id: Any, result: Any, logs: Optional[List[Entry]] = None) -> bytes:
        """A reply; ResultError if the result cannot be JSON."""
        return self._framed(task_id, {"success": True, "result": result}, logs)

    def failure(self, task_id: Any, error: ErrorMember, logs: Optional[List[Entry]] = None) -> bytes:
        """A reply."""
        return self._framed(task_id, {"success": False, "error": error}, logs)

    def message(self, frame: Dict[str, Any]) -> bytes:
        """Something else than a reply."""
        data = _msgpack.pack(frame)
        return struct.pack(">I", len(data)) + data

    def _framed(self, task_id: Any, members: Dict[str, Any], logs: Optional[List[Entry]]) -> bytes:
        reply = {"id": task_id, **members} if task_id is not None else members
        if logs:
            reply["logs"] = logs
        return self.message(reply)
