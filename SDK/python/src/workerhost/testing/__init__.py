"""Tests workers as a host runs them, with pytest, unittest or nothing.

from workerhost.testing import run

def test_greets():
    assert run(greet, {"name": "Ada"}).value() == {"greeting": "Hello, Ada!"}       # in this process
    assert run("greeter", {"name": "Ada"}, mode="pool").value() == {…}               # in a process of its own
"""

from __future__ import annotations

from typing import Any, Callable, List, Sequence, Union

from .._registry import worker_of
from ._local import run_local
from ._outcome import Outcome, judged
from ._process import WorkerProcess, task
from ._template import TemplateProcess

__all__ = ["Outcome", "TemplateProcess", "WorkerProcess", "run", "run_many"]


def run(
    target: Union[str, Sequence[str], Callable[..., Any]],
    params: Any = None,
    *,
    id: str = "test-1",
    type: Union[str, None] = None,
    mode: str = "oneshot",
    cancelled: bool = False,
    metadata: Any = None,
    **process: Any,
) -> Outcome:
    """Runs one task and tells what a host makes of it.

    Args:
        target: a function, run in this process; or a module's name, started as `python -m MODULE`, or a whole
            command as a list.
        params: the task's params.
        type: the task's type; left out, one that the function serves.
        mode: for modules: `oneshot`, `pool`, `batch` or `fork`.
        cancelled: for functions: whether the host has cancelled the task.
        metadata: more of it (`attempt`, `deadline`, …).
        process: for modules: `function`, `format`, `cwd`, `env`, `python`, `timeout` of `WorkerProcess`.
    """
    if callable(target):
        if process:
            raise TypeError(f"{', '.join(process)}: only for modules, which run in a process of their own")
        return run_local(target, task(params, id, type or _type_for(target), metadata or {}), cancelled)
    frame = task(params, id, type or "Test.Task", metadata or {})
    return _run_frames(target, [frame], mode, process)[0]


def run_many(
    target: Union[str, Sequence[str]],
    params: Sequence[Any],
    *,
    type: str = "Test.Task",
    mode: str = "pool",
    **process: Any,
) -> List[Outcome]:
    """Runs tasks in one process; their outcomes in the order of `params`. Arguments as for `run`."""
    frames = [task(item, f"test-{number}", type, {}) for number, item in enumerate(params, 1)]
    return _run_frames(target, frames, mode, process)


def _run_frames(module: Union[str, Sequence[str]], frames: Sequence[Any], mode: str, process: Any) -> List[Outcome]:
    if mode == "fork":
        with TemplateProcess(module, **process) as template:
            return [template.run_frame(frame) for frame in frames]
    with WorkerProcess(module, mode=mode, **process) as worker:
        try:
            for frame in frames:
                worker.send_frame(frame)
        except BrokenPipeError:
            pass  # it ended early; its exit code and log say why
        worker.close_input()
        code = worker.wait()
        log = worker.stderr
        replies = {frame.get("id"): frame for frame in worker.frames if "success" in frame}
        reporting = {frame.get("id") for frame in worker.frames if frame.get("kind") == "progress"}
        results = []
        for frame in frames:
            # The code tells of the one task in oneshot mode, else only of tasks without a reply.
            reply = replies.get(frame["id"], replies.get(None))
            judged_by = code if mode == "oneshot" or reply is None else 0
            progress = worker._progress(frame["id"]) if frame["id"] in reporting else []
            result = judged(reply, judged_by, progress=progress, stderr=log)
            result.exit_code = code
            results.append(result)
        return results


def _type_for(function: Callable[..., Any]) -> str:
    for name in sorted(worker_of(function).types):
        return name.replace("*", "Test")
    return "Test.Task"
