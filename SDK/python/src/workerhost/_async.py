"""Pool and batch mode with async functions: several tasks at once in one event loop, answered as they finish."""

from __future__ import annotations

import asyncio
import collections
import concurrent.futures
import contextvars
import signal
from typing import Any, Deque, Dict, List, Optional

from . import _outcome
from ._capture import current
from ._registry import Worker
from ._server import Server
from ._task import Task

_MOST_PENDING = 1024
"""Frames that wait; above it the input is left unread."""


class AsyncServer(Server):
    """Serves async functions, each with its own bound; others run in a thread, one after another."""

    def serve(self) -> int:
        """Serves until the input ends; the exit code."""
        return asyncio.run(self._serve())

    async def _serve(self) -> int:
        self._loop = asyncio.get_running_loop()
        self._done = asyncio.Event()
        self._flushing = False
        self._replies: List[bytes] = []
        self._code = 0
        self._active: Dict[Worker, int] = {worker: 0 for worker in self.dispatcher.workers}
        self._waiting: Dict[Worker, Deque[Any]] = {worker: collections.deque() for worker in self.dispatcher.workers}
        self._waiting_count = 0
        # None until its first step: asyncio drops what is cancelled before.
        self._running: "Dict[int, Optional[asyncio.Task[None]]]" = {}
        self._thread = concurrent.futures.ThreadPoolExecutor(1, "workerhost-sync")
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            self._loop.add_signal_handler(signal.SIGTERM, self._terminate)
        if self.pool:
            most = max(worker.concurrency for worker in self.dispatcher.workers)
            self.output.send(self.codec.message({"kind": "ready", **({"concurrency": most} if most > 1 else {})}))
        self._reading = False
        self._read_on()
        await self._done.wait()
        self._flush()
        self._thread.shutdown(wait=False)
        return self._code or self.exit_code()

    # Input

    def _read_on(self) -> None:
        """Listens to the input while there is room for what comes."""
        wanted = not self.ended and not self.terminated and len(self.pending) + self._waiting_count < _MOST_PENDING
        if wanted and not self._reading:
            try:
                self._loop.add_reader(self.channel.source, self._read)
            except PermissionError:  # a file can always be read, so nothing can tell when
                self._loop.call_soon(self._read)
                return
            self._reading = True
        elif not wanted and self._reading:
            self._loop.remove_reader(self.channel.source)
            self._reading = False

    def _read(self) -> None:
        self.feed(self.channel.read())
        self._pump()

    def _terminate(self) -> None:
        self.terminated = True
        self._pump()

    # Tasks

    def _pump(self) -> None:
        """Begins what can begin, and ends when all is done."""
        if not self.terminated:
            while self.pending and self._sort_in(self.pending[0]):
                self.pending.popleft()
        if (self.ended or self.terminated) and not self._running and (self.terminated or not self.has_waiting()):
            self._done.set()
        self._read_on()

    def _sort_in(self, frame: Any) -> bool:
        """Puts a frame to those of its function; False if it must wait, and what follows with it."""
        if self.id_of(frame) is None and (self._running or self._replies):
            # A reply without an id answers the oldest open task: this must be the only one.
            self._flush()
            if self._running:
                return False
        refusal = self.refusal(frame)
        if refusal is not None:
            self._reply(self.codec.failure(self.id_of(frame), refusal.error))
            return True
        worker = self.dispatcher.find(frame.get("type"))
        assert worker is not None  # else it was refused
        self._waiting[worker].append(frame)
        self._waiting_count += 1
        self._begin(worker)
        return True

    def _begin(self, worker: Worker) -> None:
        """Begins the next tasks of a function, as many as there is room for."""
        queue = self._waiting[worker]
        while queue and self._active[worker] < worker.concurrency and not self.terminated:
            frame = queue.popleft()
            self._waiting_count -= 1
            refusal = self.refusal(frame)
            if refusal is not None:  # it was cancelled
                self._reply(self.codec.failure(self.id_of(frame), refusal.error))
                continue
            self._active[worker] += 1
            task = Task(frame, self)
            self.open[task.id] = task
            self._running[id(task)] = None
            self._loop.create_task(self._run(task, worker))

    def queues(self) -> "List[Deque[Any]]":
        """Where frames wait."""
        return [self.pending, *self._waiting.values()]

    def has_waiting(self) -> bool:
        """Whether any do."""
        return bool(self.pending) or self._waiting_count > 0

    async def _run(self, task: Task, worker: Worker) -> None:
        current.variable.set(task)
        self._running[id(task)] = asyncio.current_task()
        failure: Optional[_outcome.Failure] = None
        try:
            if task._cancelled:
                raise asyncio.CancelledError
            arguments = (task.params, task) if worker.takes_task else (task.params,)
            if worker.is_async:
                result = await worker.call(*arguments)
            else:
                context = contextvars.copy_context()
                result = await self._loop.run_in_executor(self._thread, context.run, worker.call, *arguments)
            self.end_forked_child()
            reply, failure = self.succeeded(task, result)
        except asyncio.CancelledError as error:
            if task._cancelled:
                failure = _outcome.failure("Cancelled", "the host has cancelled the task", retry=False)
            else:
                failure = _outcome.of(error)
            reply, _ = self.failed(task, failure)
        except BaseException as error:
            self.end_forked_child(error)
            reply, failure = self.failed(task, _outcome.of(error))
        self._reply(reply)
        self._active[worker] -= 1
        self.open.pop(task.id, None)
        self._running.pop(id(task), None)
        if failure is not None and failure.code == _outcome.INTERRUPTED:
            self._code = _outcome.INTERRUPTED
            self._done.set()
        self._begin(worker)
        self._pump()

    def cancel(self, task: Task) -> None:
        """Cancels it in asyncio's way, too."""
        super().cancel(task)
        work = self._running.get(id(task))
        if work is not None:
            work.cancel()

    # Output

    def _reply(self, data: bytes) -> None:
        """Writes at the end of the loop's turn: what becomes ready together leaves together."""
        self._replies.append(data)
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        if self._replies:
            data = b"".join(self._replies)
            self._replies.clear()
            self.output.send(data)
