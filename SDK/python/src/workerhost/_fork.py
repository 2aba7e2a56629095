"""Fork mode: this process imports the worker once, and every task gets a child that is forked from it."""

from __future__ import annotations

import atexit
import fcntl
import gc
import json
import logging
import os
import select
import signal
import socket
import struct
import sys
import threading
from typing import Any, Dict, List, NoReturn, Optional

from . import _outcome
from ._capture import CaptureHandler
from ._channel import away, complain, reserve, take_reserved
from ._codec import JSONCodec
from ._oneshot import OneshotServer
from ._registry import Dispatcher

_SET_SIGNAL = getattr(fcntl, "F_SETSIG", 10)  # Python knows it from 3.14 on
_LONGEST = 1 << 16
_THREE = struct.Struct("3i")
# Handlers that have nothing to write at the end.
_UNBUFFERED = (logging.StreamHandler, CaptureHandler, logging.NullHandler, type(logging.lastResort), type(None))
_DESCRIPTORS = socket.CMSG_SPACE(_THREE.size)


class ChildServer(OneshotServer):
    """Made in the template, used in a child: every object that is made there is a page less to be copied here."""

    _reading = True

    def handle_sigterm(self) -> None:
        """Was done in the template."""

    def prepare_sigterm(self) -> None:
        """As in oneshot mode, a child that has its task finishes it, if the worker has no handler of its own."""
        if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
            return
        template = os.getpid()

        def terminate(*_: object) -> None:
            if os.getpid() == template:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                os.kill(template, signal.SIGTERM)
            elif self._reading:
                os._exit(_outcome.TERMINATED)
            else:
                self.terminated = True

        signal.signal(signal.SIGTERM, terminate)

    def _read(self) -> Optional[bytes]:
        data = self.channel.read_to_end()
        self._reading = False
        return data


class Template:
    """Answers the host's requests on the socket, one after another, until its end."""

    def __init__(self, control: int, dispatcher: Dispatcher) -> None:
        self._socket = socket.socket(fileno=control)
        self._socket.setblocking(True)
        # In whatever this process forks: nobody but the template speaks to the host.
        os.register_at_fork(after_in_child=self._socket.close)
        self._dispatcher = dispatcher
        self._lifeline = -1
        self._lifeline_path = b""
        self._lifeline_poll = select.poll()
        self._child = ChildServer(reserve(), JSONCodec(), dispatcher, pool=False)

    def serve(self) -> int:
        """The exit code."""
        if any(worker.is_async for worker in self._dispatcher.workers):
            import asyncio  # noqa: F401  (once here, and not in each child)
        if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # else the kernel throws the exit codes away
        self._child.prepare_sigterm()
        _flush()
        # What is garbage now need not be copied into children, and what is not is left alone by their collector.
        gc.collect()
        gc.freeze()
        # Nothing is read before this is said: by that a host sees who speaks this protocol.
        self._answer(b'{"kind":"ready"}')
        receive = self._socket.recvmsg
        while True:
            data, ancillary, _, _ = receive(_LONGEST, _DESCRIPTORS, socket.MSG_CMSG_CLOEXEC)
            if not data:
                return 0
            self._obey(data, _received(ancillary))

    def _obey(self, data: bytes, descriptors: List[int]) -> None:
        request = json.loads(data)
        command = request.get("control")
        if command == "fork" and len(descriptors) == 3:
            self._fork(request.get("environment") or {}, descriptors)
            return
        if command == "lifeline" and len(descriptors) == 1 and self._lifeline < 0:
            self._lifeline = away(descriptors[0])
            self._lifeline_path = b"/proc/self/fd/%d" % self._lifeline
            self._lifeline_poll.register(self._lifeline, 0)
        _close(descriptors)
        if command == "reap":
            self._reap(int(request["pid"]))
        # Others come from a later host, which does without them where there is an older worker.

    def _fork(self, environment: Dict[str, str], descriptors: List[int]) -> None:
        _flush()
        try:
            pid = os.fork()
        except OSError as error:
            _close(descriptors)
            self._answer(json.dumps({"kind": "refused", "message": f"fork: {error.strerror}"}).encode())
            return
        if pid == 0:
            self._be_child(environment, descriptors)
        try:
            os.setpgid(pid, pid)
        except OSError:
            pass  # the child was quicker, and has ended already
        self._answer(b'{"kind":"forked","pid":%d}' % pid)
        _close(descriptors)

    def _reap(self, pid: int) -> None:
        try:
            found, status, usage = os.wait4(pid, os.WNOHANG)
        except OSError as error:
            self._answer(json.dumps({"kind": "refused", "message": f"wait4: {error.strerror}"}).encode())
            return
        if found == 0:
            self._answer(b'{"kind":"refused","message":"the process runs"}')
            return
        self._answer(
            b'{"kind":"exited","pid":%d,"status":%d,"user_us":%d,"system_us":%d,"peak_kb":%d}'
            % (pid, status, usage.ru_utime * 1e6, usage.ru_stime * 1e6, usage.ru_maxrss)
        )

    def _answer(self, data: bytes) -> None:
        self._socket.sendall(data)

    # In the child

    def _be_child(self, environment: Dict[str, str], descriptors: List[int]) -> NoReturn:
        """Does one task, as a oneshot process does, and ends."""
        code = 1
        try:
            os.setpgid(0, 0)
            self._hold_lifeline()
            take_reserved(self._child.channel, descriptors)
            for name, value in environment.items():
                os.environ[name] = value
            tempfile = sys.modules.get("tempfile")
            if tempfile is not None:
                tempfile.tempdir = None  # type: ignore[attr-defined]
            atexit._clear()
            code = self._child.serve()
        except KeyboardInterrupt:
            code = _outcome.INTERRUPTED
        except BaseException as error:
            complain(f"the child could not serve: {type(error).__name__}: {error}")
        _end(code)

    def _hold_lifeline(self) -> None:
        """Has the kernel kill this process group when the host ends, whose child this is not."""
        if self._lifeline < 0:
            return
        # A description of its own, in place of the template's.
        line = os.open(self._lifeline_path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.dup2(line, self._lifeline, False)
        os.close(line)
        fcntl.fcntl(self._lifeline, fcntl.F_SETOWN, -os.getpid())
        fcntl.fcntl(self._lifeline, _SET_SIGNAL, signal.SIGKILL)
        fcntl.fcntl(self._lifeline, fcntl.F_SETFL, os.O_NONBLOCK | os.O_ASYNC)
        if self._lifeline_poll.poll(0):  # it ended before
            os.kill(os.getpid(), signal.SIGKILL)


def _received(ancillary: Any) -> List[int]:
    found: List[int] = []
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            found += struct.unpack(f"{len(data) // 4}i", data[: len(data) // 4 * 4])
    return found


def _close(descriptors: List[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            pass  # nobody reads it any more


def _end(code: int) -> NoReturn:
    """Ends a child as Python would: threads, what was registered in this process, logs; nothing of the template's."""
    try:
        shutdown = getattr(threading, "_shutdown", None)
        if shutdown is not None:
            shutdown()
        processes: Any = sys.modules.get("multiprocessing.util")
        if processes is not None:
            processes._exit_function()
        atexit._run_exitfuncs()
        handlers: Any = logging._handlerList  # type: ignore[attr-defined]
        if any(type(reference()) not in _UNBUFFERED for reference in handlers):
            logging.shutdown()
    except SystemExit:
        pass
    except BaseException as error:
        complain(f"at the child's end: {type(error).__name__}: {error}")
    _flush()
    os._exit(code)


def serve(dispatcher: Dispatcher, control: Optional[int]) -> int:
    """Serves as a template; the exit code."""
    if control is None:
        complain("WORKERHOST_MODE=fork needs a host: standard input is no socket of one")
        return _outcome.PERMANENT
    try:
        return Template(control, dispatcher).serve()
    except BrokenPipeError:
        return 0  # the host has gone
