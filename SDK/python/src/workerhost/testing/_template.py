"""A worker in fork mode: its template, started and asked for children as a host does."""

from __future__ import annotations

import array
import json
import os
import selectors
import socket
import subprocess
import tempfile
from types import TracebackType
from typing import Any, Dict, List, Mapping, Optional, Sequence, Type, Union

from .. import _json
from .._codec import JSONCodec
from ._outcome import Outcome, judged
from ._process import environment_for, task


class TemplateProcess:
    """A running template. A context manager: at its end the template is stopped.

        with TemplateProcess("greeter") as template:
            assert template.run({"name": "Ada"}).result == {"greeting": "Hello, Ada!"}

    Args:
        module: what `python -m` starts, or a whole command as a list.
        function: the function's name, if the module is told one.
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
        cwd: Union[str, "os.PathLike[str]", None] = None,
        env: Optional[Mapping[str, str]] = None,
        python: Optional[str] = None,
        timeout: float = 60,
    ) -> None:
        self.timeout = timeout
        command, environment = environment_for(module, "fork", "json", env, python)
        self._control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(timeout)
        self._log = tempfile.TemporaryFile()
        self._lifeline: Optional[int] = None
        with other:
            self.process = subprocess.Popen(
                command + ([function] if function else []), cwd=cwd, env=environment, start_new_session=True,
                stdin=other.fileno(), stdout=self._log, stderr=self._log,
            )  # fmt: skip
        try:
            self._start()
        except BaseException:
            self.process.kill()
            self._close()
            raise

    def _start(self) -> None:
        readable, self._lifeline = os.pipe()
        self._send({"control": "lifeline"}, [readable])
        os.close(readable)
        answer = self.receive()
        assert answer == {"kind": "ready"}, f"{answer} in place of ready; the log:\n{self.stderr}"

    def __enter__(self) -> "TemplateProcess":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], place: Optional[TracebackType]
    ) -> None:
        if kind is not None:
            self.process.kill()
        self._close()

    def _close(self) -> None:
        self._control.close()
        try:
            self.process.wait(self.timeout)
        finally:
            self.process.kill()
            self.process.wait()
            self._log.close()
            if self._lifeline is not None:
                os.close(self._lifeline)
                self._lifeline = None

    def _send(self, message: Dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
        try:
            self._control.sendmsg([json.dumps(message).encode()], rights)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it ended; the answer that does not come tells

    def receive(self) -> Optional[Dict[str, Any]]:
        """The next message of the template; None at its end."""
        try:
            data = self._control.recv(1 << 16)
        except ConnectionResetError:
            return None
        except socket.timeout:
            raise AssertionError(f"the template said nothing for {self.timeout:g} s; its log:\n{self.stderr}") from None
        found = json.loads(data) if data else None
        assert found is None or isinstance(found, dict), f"{found!r} is no message"
        return found

    def ask(self, message: Dict[str, Any], descriptors: Sequence[int] = ()) -> Optional[Dict[str, Any]]:
        """Sends a request and waits for its answer."""
        self._send(message, descriptors)
        return self.receive()

    def run(
        self, params: Any = None, *, id: str = "test-1", type: str = "Test.Task", environment: Any = None,
        metadata: Any = None,
    ) -> Outcome:  # fmt: skip
        """Runs one task in a child of its own."""
        return self.run_frame(task(params, id, type, metadata or {}), environment)

    def run_frame(self, frame: Any, environment: Optional[Mapping[str, str]] = None) -> Outcome:
        """As `run`, with any frame."""
        pipes = [os.pipe() for _ in range(3)]
        (source, to_child), (from_child, sink), (errors, log) = pipes
        try:
            answer = self.ask({"control": "fork", "environment": dict(environment or {})}, [source, sink, log])
        finally:
            for descriptor in (source, sink, log):
                os.close(descriptor)
        try:
            assert answer is not None and answer.get("kind") == "forked", f"{answer}; the log:\n{self.stderr}"
            output, errors_text = self._talk(_json.dumps_standard(frame) + b"\n", to_child, from_child, errors)
        finally:
            for descriptor in (to_child, from_child, errors):
                try:
                    os.close(descriptor)
                except OSError:
                    pass  # closed when it was over
        return self._judge(int(answer["pid"]), output, errors_text)

    def _talk(self, data: bytes, to_child: int, from_child: int, errors: int) -> "tuple[bytes, bytes]":
        found: Dict[int, List[bytes]] = {from_child: [], errors: []}
        os.set_blocking(to_child, False)
        with selectors.DefaultSelector() as selector:
            for descriptor in found:
                selector.register(descriptor, selectors.EVENT_READ)
            selector.register(to_child, selectors.EVENT_WRITE)
            while selector.get_map():
                ready = selector.select(self.timeout)
                assert ready, f"the child neither read nor wrote for {self.timeout:g} s"
                for key, _ in ready:
                    if key.fd == to_child:
                        try:
                            data = data[os.write(to_child, data) :]
                        except BrokenPipeError:
                            data = b""
                        if data:
                            continue
                    else:
                        chunk = os.read(key.fd, 1 << 16)
                        if chunk:
                            found[key.fd].append(chunk)
                            continue
                    selector.unregister(key.fd)
                    if key.fd == to_child:
                        os.close(to_child)
        return b"".join(found[from_child]), b"".join(found[errors])

    def _judge(self, pid: int, output: bytes, errors: bytes) -> Outcome:
        descriptor = os.pidfd_open(pid)
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            assert selector.select(self.timeout), f"child {pid} did not end in {self.timeout:g} s"
        os.close(descriptor)
        answer = self.ask({"control": "reap", "pid": pid})
        assert answer is not None and answer.get("kind") == "exited", f"{answer}; the log:\n{self.stderr}"
        status = int(answer["status"])
        code = 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        reply: Optional[Dict[str, Any]] = None
        codec = JSONCodec()
        for line in output.splitlines():
            found = codec.decode(line)
            if isinstance(found, dict) and "success" in found:
                reply = found
        return judged(reply, code, stderr=errors.decode("utf-8", "backslashreplace"))

    @property
    def stderr(self) -> str:
        """The template's log so far."""
        if self._log.closed:
            return ""
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), size, 0).decode("utf-8", "backslashreplace")
