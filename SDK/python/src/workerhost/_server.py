"""What all modes share: from a frame to the bytes of its reply."""

from __future__ import annotations

import collections
import os
import signal
import threading
from typing import Any, Callable, Deque, Dict, Optional, Union

from . import _outcome
from ._capture import current
from ._channel import Channel, complain
from ._codec import BadFrame, JSONCodec, MessagePackCodec
from ._output import Output
from ._outcome import Failure
from ._registry import Dispatcher, Worker
from ._task import Task
from .errors import ResultError

Codec = Union[JSONCodec, MessagePackCodec]


class Server:
    """Takes frames apart and puts replies together. `serve` of a subclass is the mode."""

    def __init__(self, channel: Channel, codec: Codec, dispatcher: Dispatcher, *, pool: bool) -> None:
        self.channel = channel
        self.codec = codec
        self.dispatcher = dispatcher
        self.pool = pool
        """Whether the host understands messages beside replies, and sends control messages."""
        self.output = Output(channel)
        self.pending: Deque[Any] = collections.deque()
        self.open: Dict[Any, Task] = {}
        """Tasks that run, for cancelling."""
        self.ended = False
        """No more frames come: the input has ended."""
        self.terminated = False
        """SIGTERM came: no further task is begun."""
        self.broken = False
        """The input ended in the middle of a frame."""
        self._feed_lock = threading.Lock()

    def serve(self) -> int:
        """Serves until there is nothing more to do; the process's exit code."""
        raise NotImplementedError

    # Frames

    def feed(self, data: bytes) -> None:
        """Takes bytes of the input; none means its end."""
        with self._feed_lock:
            frames = self.codec.feed(data) if data else self._last_frame()
            for line in frames:
                frame = self.codec.decode(line)
                if frame is None:
                    continue
                if type(frame) is dict and "control" in frame and self.pool:
                    self._control(frame)
                elif not self.ended:
                    self.pending.append(frame)
            if not data:
                self.ended = True

    def _last_frame(self) -> "list[bytes]":
        """What stood behind the last line end: a frame whose line end is missing, or half a frame."""
        rest = self.codec.rest()
        if not rest:
            return []
        if isinstance(self.codec, JSONCodec) and not (self.pool and isinstance(self.codec.decode(rest), BadFrame)):
            return [rest]
        self.broken = True
        complain(f"the input ended in the middle of a frame; its first {len(rest)} bytes are lost")
        return []

    def _control(self, frame: Dict[str, Any]) -> None:
        if frame["control"] == "cancel":
            wanted = frame.get("id")
            task = self.open.get(wanted)
            if task is not None:
                self.cancel(task)
                return
            for queue in self.queues():
                for index, item in enumerate(queue):
                    if type(item) is dict and item.get("id") == wanted:
                        queue[index] = dict(item, control="cancelled")
        # Others come from a later host, which does without them where there is an older worker.

    def queues(self) -> "list[Deque[Any]]":
        """Where frames wait for their turn."""
        return [self.pending]

    def has_waiting(self) -> bool:
        """Whether any do."""
        return bool(self.pending)

    def cancel(self, task: Task) -> None:
        """The host has cancelled a task that runs."""
        task._cancelled = True

    def look_for_cancel(self, task: Task) -> None:
        """Reads what the host has sent while a function works, if that is possible in this mode."""

    # Replies

    def refusal(self, frame: Any) -> Optional[Failure]:
        """Why a frame is no task that can be begun; None if it is one."""
        if type(frame) is not dict:
            message = frame.message if isinstance(frame, BadFrame) else f"a task is an object, not {frame!r:.80}"
            complain(message)
            return _outcome.failure("BadTask", message, retry=False)
        if frame.get("control") == "cancelled":
            return _outcome.failure("Cancelled", "the host cancelled the task before it began", retry=False)
        if not isinstance(frame.get("id"), (str, int, type(None))):
            return _outcome.failure("BadTask", f"a task's id is a text, not {frame['id']!r:.80}", retry=False)
        kind = frame.get("type")
        if self.dispatcher.find(kind) is None:
            names = ", ".join(self.dispatcher.names())
            message = f"no function here serves the task type {kind!r:.200}; there are functions for: {names}"
            return _outcome.failure("UnknownTaskType", message, retry=False)
        return None

    @staticmethod
    def id_of(frame: Any) -> Any:
        """The id to reply with, if the frame has one."""
        found = frame.get("id") if isinstance(frame, dict) else getattr(frame, "id", None)
        return found if isinstance(found, (str, int)) else None

    def succeeded(self, task: Task, result: Any) -> "tuple[bytes, Optional[Failure]]":
        """The reply, and the failure if the result cannot be replied."""
        logs = task._capture.finish() if task._capture is not None else None
        try:
            return self.codec.success(task.id, result, logs), None
        except ResultError as error:
            return self.failed(task, _outcome.of(error))

    def failed(self, task: Task, failure: Failure) -> "tuple[bytes, Failure]":
        """The reply."""
        logs = task._capture.finish() if task._capture is not None else None
        return self.codec.failure(task.id, failure.error, logs), failure

    def run(self, frame: Dict[str, Any], worker: Worker) -> "tuple[bytes, Optional[Failure]]":
        """Does a task with a function that is not async."""
        task = Task(frame, self)
        current.only = task
        self.open[task.id] = task
        try:
            result = worker.call(task.params, task) if worker.takes_task else worker.call(task.params)
            if self.channel.lost:
                self.end_forked_child()
            return self.succeeded(task, result)
        except BaseException as error:
            self.end_forked_child(error)
            return self.failed(task, _outcome.of(error))
        finally:
            current.only = None
            self.open.pop(task.id, None)

    def end_forked_child(self, error: Optional[BaseException] = None) -> None:
        """Ends this process if it is one that the function has forked and that came back from it: it has no reply."""
        if self.channel.lost:
            code = getattr(error, "code", 1)
            os._exit(0 if error is None or code is None else code if isinstance(code, int) else 1)

    # Messages beside replies

    def report(self, frame: Dict[str, Any]) -> None:
        """Progress, which goes to the host where it understands it, else to the log."""
        if self.pool:
            self.output.send(self.codec.message(frame))
        else:
            message = f": {frame['message']}" if "message" in frame else ""
            complain(f"task {frame['id']} at {frame['percent']:g} %{message}")

    def log_sender(self, task: Task) -> Optional[Callable[[str, str], None]]:
        """How a task's log reaches the host at once; None if it comes with the reply."""
        worker = self.dispatcher.find(task.type)
        if not self.pool or worker is None or not worker.live_logs:
            return None

        def send(level: str, message: str) -> None:
            self.output.send(self.codec.message({"kind": "log", "id": task.id, "level": level, "message": message}))

        return send

    # Signals

    def handle_sigterm(self) -> None:
        """From now on SIGTERM lets the running tasks finish. A handler of the worker's own stays."""
        if (
            signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
            or threading.current_thread() is not threading.main_thread()
        ):
            return
        readable, writable = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
        self.channel.wake_by(readable)

        def terminate(*_: object) -> None:
            self.terminated = True
            try:
                os.write(writable, b"\0")  # where somebody else has taken the wake-up descriptor
            except BlockingIOError:
                pass  # full: it wakes already

        signal.signal(signal.SIGTERM, terminate)

    def exit_code(self) -> int:
        """How a process ends that has served several tasks."""
        if self.terminated and (self.has_waiting() or self.open):
            return _outcome.TERMINATED
        return _outcome.PERMANENT if self.broken else 0
