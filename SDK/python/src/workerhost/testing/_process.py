"""A worker's process, started and spoken to as a host does."""

from __future__ import annotations

import os
import pathlib
import queue
import struct
import subprocess
import sys
import tempfile
import threading
import time
from types import TracebackType
from typing import Any, Dict, List, Mapping, Optional, Sequence, Type, Union

from .. import _json, _msgpack
from .._channel import MARK
from .._codec import BadFrame, JSONCodec, MessagePackCodec
from ._outcome import Outcome, judged

_PACKAGES = str(pathlib.Path(__file__).resolve().parents[2])
# Of these a host's workers have the host's values; the last two make what is under test importable.
_INHERITED = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")


def environment_for(
    module: Union[str, Sequence[str]], mode: str, format: str, env: Optional[Mapping[str, str]], python: Optional[str]
) -> "tuple[List[str], Dict[str, str]]":
    """The command line and the environment that a worker is started with."""
    command = [python or sys.executable, "-m", module] if isinstance(module, str) else list(module)
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    paths = [path for path in (environment.get("PYTHONPATH"), _PACKAGES) if path]
    environment.update(
        PYTHONPATH=os.pathsep.join(paths), PYTHONUNBUFFERED="1", PYTHONIOENCODING="utf-8",
        WORKERHOST_MODE=mode, WORKERHOST_FORMAT=format, WORKERHOST_WORKER="test",
    )  # fmt: skip
    environment.update(env or {})
    environment.pop(MARK, None)
    return command, environment


class WorkerProcess:
    """A running worker. A context manager: at its end the process is stopped.

        with WorkerProcess("greeter") as worker:
            worker.send({"name": "Ada"}, id="1")
            assert worker.outcome("1").result == {"greeting": "Hello, Ada!"}

    Args:
        module: what `python -m` starts, or a whole command as a list.
        function: the function's name, if the module is told one.
        mode: `pool`, `batch` or `oneshot`.
        format: `json` or `msgpack` (in pool mode).
        cwd: the worker's directory, the configuration's `project_path`.
        env: more variables.
        python: the interpreter.
        timeout: seconds after which waiting for anything fails.
    """

    def __init__(
        self,
        module: Union[str, Sequence[str]],
        function: Optional[str] = None,
        *,
        mode: str = "pool",
        format: str = "json",
        cwd: Union[str, "os.PathLike[str]", None] = None,
        env: Optional[Mapping[str, str]] = None,
        python: Optional[str] = None,
        timeout: float = 60,
    ) -> None:
        self.mode, self.timeout = mode, timeout
        self._binary = mode == "pool" and format == "msgpack"
        command, environment = environment_for(module, mode, format, env, python)
        self._log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command + ([function] if function else []), cwd=cwd, env=environment, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
        )  # fmt: skip
        self.frames: List[Dict[str, Any]] = []
        """All that the worker has said so far."""
        self.stray: List[bytes] = []
        """What was on its standard output and is no frame."""
        self._sent = 0
        self._queue: "queue.Queue[Optional[Dict[str, Any]]]" = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> "WorkerProcess":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], place: Optional[TracebackType]
    ) -> None:
        if kind is not None:
            self.process.kill()
        self.close_input()
        try:
            self.process.wait(self.timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self._reader.join(self.timeout)
            if self.process.stdout is not None:
                self.process.stdout.close()
            self._log.close()

    # To the worker

    def send(self, params: Any = None, *, id: Optional[str] = None, type: str = "Test.Task", **metadata: Any) -> str:
        """Sends a task; its id."""
        self._sent += 1
        task_id = id if id is not None else f"test-{self._sent}"
        self.send_frame(task(params, task_id, type, metadata))
        return task_id

    def send_frame(self, frame: Any) -> None:
        """Sends any frame."""
        if self._binary:
            data = _msgpack.pack(frame)
            self.send_bytes(struct.pack(">I", len(data)) + data)
        else:
            self.send_bytes(_json.dumps_standard(frame) + b"\n")

    def send_bytes(self, data: bytes) -> None:
        """Sends bytes as they are."""
        if self.process.stdin is not None:
            self.process.stdin.write(data)
            self.process.stdin.flush()

    def cancel(self, task_id: str) -> None:
        """Tells the worker that a task is cancelled."""
        self.send_frame({"control": "cancel", "id": task_id})

    def close_input(self) -> None:
        """Ends the worker's input: it finishes what is open and ends."""
        if self.process.stdin is not None:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass  # it has ended already

    def terminate(self) -> None:
        """Sends SIGTERM."""
        self.process.terminate()

    # From the worker

    def _read(self) -> None:
        codec: Union[JSONCodec, MessagePackCodec] = MessagePackCodec() if self._binary else JSONCodec()
        assert self.process.stdout is not None
        descriptor = self.process.stdout.fileno()
        while True:
            data = os.read(descriptor, 1 << 18)
            lines = codec.feed(data) if data else [codec.rest()]
            for line in lines:
                frame = codec.decode(line) if line else None
                if isinstance(frame, dict) and ("success" in frame or "kind" in frame):
                    self.frames.append(frame)
                    self._queue.put(frame)
                elif frame is not None or isinstance(frame, BadFrame):
                    self.stray.append(line)
            if not data:
                self._queue.put(None)
                return

    def receive(self) -> Optional[Dict[str, Any]]:
        """The next frame; None at the end of the worker's output."""
        try:
            return self._queue.get(timeout=self.timeout)
        except queue.Empty:
            raise AssertionError(f"the worker said nothing for {self.timeout:g} s; its log:\n{self.stderr}") from None

    def ready(self) -> None:
        """Waits until the worker can take tasks (pool)."""
        frame = self.receive()
        assert frame is not None and frame.get("kind") == "ready", f"{frame} in place of ready; the log:\n{self.stderr}"

    def outcome(self, task_id: Optional[str] = None) -> Outcome:
        """Waits for the reply to a task (without an id: for the next reply)."""
        while True:
            for frame in self.frames:
                if "success" in frame and (task_id is None or frame.get("id") == task_id):
                    self.frames.remove(frame)
                    return judged(frame, None, progress=self._progress(frame.get("id")), stderr=self.stderr)
            if self.receive() is None and not any("success" in frame for frame in self.frames):
                return judged(None, self.wait(), stderr=self.stderr)

    def _progress(self, task_id: Any) -> List[Dict[str, Any]]:
        found = [frame for frame in self.frames if frame.get("kind") == "progress" and frame.get("id") == task_id]
        return [{name: frame[name] for name in ("percent", "message") if name in frame} for frame in found]

    def wait(self) -> int:
        """Waits for the process's end; its exit code, 128 + the signal for a signal."""
        code = self.process.wait(self.timeout)
        self._reader.join(self.timeout)
        return 128 - code if code < 0 else code

    def wait_for_log(self, text: str) -> None:
        """Waits until the worker's log has this in it."""
        end = time.monotonic() + self.timeout
        while text not in self.stderr:
            assert time.monotonic() < end, f"{text!r} did not appear in the worker's log:\n{self.stderr}"
            time.sleep(0.005)

    @property
    def stderr(self) -> str:
        """The worker's log so far."""
        if self._log.closed:
            return ""
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), size, 0).decode("utf-8", "backslashreplace")


def task(params: Any, task_id: str, kind: str, metadata: Mapping[str, Any]) -> Dict[str, Any]:
    """A task's frame."""
    members = {"attempt": 1, "priority": 0, **metadata}
    return {"id": task_id, "type": kind, "params": {} if params is None else params, "metadata": members}
