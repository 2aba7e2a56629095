"""One task, then the end: the mode without a host that reads along."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from . import _outcome
from ._capture import current
from ._codec import BadFrame
from ._outcome import Failure
from ._registry import Worker
from ._server import Server
from ._task import Task


class OneshotServer(Server):
    """Reads one document to the end of the input, answers it, and tells how it went by the exit code, too."""

    def serve(self) -> int:
        """The exit code."""
        self.handle_sigterm()
        data = self._read()
        if data is None:
            return _outcome.TERMINATED
        frame = self.codec.decode(data)
        if frame is None:
            frame = BadFrame("there is no task: the input is empty")
        reply, failure = self.answer(frame)
        self.output.send(reply)
        return 0 if failure is None else failure.code

    def answer(self, frame: Any) -> "tuple[bytes, Optional[Failure]]":
        """Does the task; the reply, and the failure if it is one."""
        refusal = self.refusal(frame)
        if refusal is not None:
            return self.codec.failure(self.id_of(frame), refusal.error), refusal
        worker = self.dispatcher.find(frame.get("type"))
        assert worker is not None  # else it was refused
        if not worker.is_async:
            return self.run(frame, worker)
        import asyncio  # costs the start of every other worker 30 ms

        return asyncio.run(self._run_async(frame, worker))

    def _read(self) -> Optional[bytes]:
        """The whole input; None if SIGTERM came first."""
        chunks: List[bytes] = []
        while not self.terminated:
            if self.channel.readable():
                chunk = self.channel.read()
                if not chunk:
                    return b"".join(chunks)
                chunks.append(chunk)
        return None

    async def _run_async(self, frame: Dict[str, Any], worker: Worker) -> "tuple[bytes, Optional[Failure]]":
        task = Task(frame, self)
        current.variable.set(task)
        try:
            result = await (worker.call(task.params, task) if worker.takes_task else worker.call(task.params))
            self.end_forked_child()
            return self.succeeded(task, result)
        except BaseException as error:
            self.end_forked_child(error)
            return self.failed(task, _outcome.of(error))
