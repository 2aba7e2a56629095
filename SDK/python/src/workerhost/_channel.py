"""The protocol's descriptors: taken away from everybody else, so that nothing but a reply can reach the host."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import stat
import sys
from typing import Any, List, Optional

MARK = "WORKERHOST_SDK_PID"
MODES = ("oneshot", "pool", "batch", "fork")
# Out of the way of programs that close or reuse the low numbers.
LOWEST = 200
# What a pipe holds. From 128 KiB on each read would cost the C library a mapping of its own.
READ_SIZE = 1 << 16


class Channel:
    """The host's two pipes under private numbers that no child process inherits."""

    def __init__(self, source: int, sink: int) -> None:
        self.source = source
        self.sink = sink
        self.lost = False
        """Whether this is a forked child, which has nothing to say to the host."""
        self._poll = select.poll()
        self._poll.register(source, select.POLLIN)

    def wake_by(self, descriptor: int) -> None:
        """Ends the wait of `readable` also when this pipe can be read, which does not block."""
        self._poll.register(descriptor, select.POLLIN)

    def readable(self, timeout: Optional[int] = None) -> bool:
        """Waits for something to read, or the end (`timeout` in ms). False if something else ended the wait."""
        found = False
        for descriptor, _ in self._poll.poll(timeout):
            if descriptor == self.source:
                found = True
            else:
                os.read(descriptor, 4096)  # only the fact of it counted
        return found

    def read(self) -> bytes:
        """Some bytes; none at the end. Blocks if there are none yet."""
        while True:
            try:
                return os.read(self.source, READ_SIZE)
            except BlockingIOError:
                select.select([self.source], [], [])

    def read_to_end(self) -> bytes:
        """All bytes to the end."""
        chunks: List[bytes] = []
        while True:
            chunk = self.read()
            if not chunk:
                return b"".join(chunks)
            chunks.append(chunk)

    def write(self, data: bytes) -> None:
        """Writes all of it. Ends the process if it is a forked child, or if the host is gone."""
        if self.lost:
            os._exit(0)
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self.sink, rest) :]
            except BlockingIOError:
                select.select([], [self.sink], [])
            except BrokenPipeError:
                complain("the host has closed its end; nobody reads the reply")
                os._exit(1)

    def leave_to_parent(self) -> None:
        """In a forked child: lets go of the pipes, which belong to the parent."""
        self.lost = True
        for descriptor in (self.source, self.sink):
            try:
                os.close(descriptor)
            except OSError:
                pass  # it is closed, which is all that was wanted


_channel: Optional[Channel] = None
_control: Optional[int] = None


def complain(text: str) -> None:
    """A line on standard error, the worker's log."""
    try:
        os.write(2, f"workerhost: {text}\n".encode("utf-8", "backslashreplace"))
    except OSError:
        pass  # without a log there is no place left to say it


def is_claimed() -> bool:
    """Whether anything was claimed."""
    return _channel is not None or _control is not None


def claim() -> Channel:
    """Moves the protocol to private descriptors: 0 becomes /dev/null, 1 becomes standard error."""
    global _channel
    if _channel is not None and not _channel.lost:
        return _channel
    source, sink = _private(0, "input"), _private(1, "output")
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    os.dup2(null, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # standard error is closed
        os.dup2(null, 1)
    os.close(null)
    # What was printed before and lies in a buffer goes to the log, too.
    if sys.stdout is not None:
        sys.stdout.flush()
    os.environ[MARK] = str(os.getpid())
    channel = _channel = Channel(source, sink)
    os.register_at_fork(after_in_child=channel.leave_to_parent)
    return channel


def claim_control() -> Optional[int]:
    """Moves the host's socket of fork mode to a private descriptor: 0 becomes /dev/null. None if there is none.

    Standard output stays the log that it is.
    """
    global _control
    if _control is not None or not _is_socket(0):
        return _control
    control = _control = _private(0, "input")
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    os.dup2(null, 0)
    os.close(null)
    os.environ[MARK] = str(os.getpid())
    return control


def reserve() -> Channel:
    """In a template: the private descriptors that its children will have, which lead nowhere here."""
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    channel = Channel(away(null), away(null))
    os.close(null)
    return channel


def take_reserved(channel: Channel, descriptors: List[int]) -> None:
    """In a child of a template: the protocol's pipes take the reserved places, the third becomes 1 and 2."""
    global _channel
    os.dup2(descriptors[0], channel.source, False)
    os.dup2(descriptors[1], channel.sink, False)
    os.dup2(descriptors[2], 1)
    os.dup2(descriptors[2], 2)
    for descriptor in descriptors:
        os.close(descriptor)
    _channel = channel
    os.register_at_fork(after_in_child=channel.leave_to_parent)


def claim_for_mode() -> None:
    """Claims what the mode has."""
    if os.environ.get("WORKERHOST_MODE") == "fork":
        claim_control()
    else:
        claim()


def _is_socket(descriptor: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except OSError:
        return False


def away(descriptor: int) -> int:
    """A duplicate under a number that nobody else uses."""
    try:
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, LOWEST)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EMFILE):
            raise
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)


def _private(descriptor: int, name: str) -> int:
    try:
        return away(descriptor)
    except OSError as error:
        if error.errno != errno.EBADF:
            raise
        complain(f"standard {name} is closed, so there is no way to talk to the host")
        raise SystemExit(2) from None


def claim_at_import() -> None:
    """Claims the channel when the module that a host started imports this package, before it imports anything else.

    Only then: not where the package is a part of something else (a test, a tool, a worker that does not use `run`), nor
    in a child process of a worker, which has the worker's environment.
    """
    if os.environ.get("WORKERHOST_MODE") not in MODES or MARK in os.environ or not _main_imports():
        return
    if not any(os.isatty(descriptor) for descriptor in (0, 1) if _is_open(descriptor)):
        claim_for_mode()


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _main_imports() -> bool:
    """Whether the import statement stands in the module that Python was started with."""
    main = sys.modules.get("__main__")
    if getattr(main, "__file__", None) is None:  # python -c, the interactive prompt
        return False
    frame: Any = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.split(".")[0] not in ("workerhost", "importlib", "_frozen_importlib", "_frozen_importlib_external"):
            return bool(frame.f_globals is vars(main))
        frame = frame.f_back
    return False
