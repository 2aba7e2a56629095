"""Pool and batch mode for functions that are not async: one task after another, in the main thread."""

from __future__ import annotations

from ._outcome import INTERRUPTED
from ._server import Server
from ._task import Task

_MOST_AHEAD = 64 << 20
"""Bytes that are read while a function asks whether its task is cancelled."""


class SyncServer(Server):
    """Reads frames as they come, many at once, and answers in their order."""

    _ahead = 0

    def serve(self) -> int:
        """Serves until the input ends; the exit code."""
        self.handle_sigterm()
        if self.pool:
            self.output.send(self.codec.message({"kind": "ready"}))
        pending = self.pending
        while True:
            self.output.begin()
            while pending and not self.terminated:
                code = self._serve_one(pending.popleft())
                if code:
                    return code
            self.output.flush()
            if self.terminated or self.ended:
                return self.exit_code()
            self._ahead = 0
            if self.channel.readable():
                self.feed(self.channel.read())

    def _serve_one(self, frame: object) -> int:
        """Answers one frame; an exit code if the process is to end."""
        worker = self.dispatcher.only
        if worker is None or type(frame) is not dict or type(frame.get("id")) is not str or "control" in frame:
            refusal = self.refusal(frame)
            if refusal is not None:
                self.output.send(self.codec.failure(self.id_of(frame), refusal.error))
                return 0
            worker = self.dispatcher.find(frame.get("type"))  # type: ignore[attr-defined]
            assert worker is not None  # else it was refused
        reply, failure = self.run(frame, worker)  # type: ignore[arg-type]
        if failure is not None and failure.code == INTERRUPTED:
            self.output.send(reply)
            return INTERRUPTED
        self.output.put(reply, bool(self.pending) and not self.terminated)
        return 0

    def look_for_cancel(self, task: Task) -> None:
        """Reads what there is, without waiting; frames behind the cancellation wait for their turn."""
        if not self.pool or task.id not in self.open:
            return
        while not self.ended and self._ahead < _MOST_AHEAD and self.channel.readable(0):
            data = self.channel.read()
            self._ahead += len(data)
            self.feed(data)
