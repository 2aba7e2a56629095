"""The decorator, and which function serves which task type."""

from __future__ import annotations

import types as _types
from typing import Any, Callable, Dict, FrozenSet, Iterable, List, Optional, Sequence, TypeVar, Union, overload

Function = TypeVar("Function", bound=Callable[..., Any])

ATTRIBUTE = "__workerhost__"
registered: Dict[str, "Worker"] = {}
"""The decorated functions by name, in order."""


class UsageError(Exception):
    """The worker is put together or started wrongly; the process ends with exit code 2."""


class Worker:
    """A function with what the decorator knows about it."""

    __slots__ = ("call", "concurrency", "function", "is_async", "live_logs", "name", "takes_task", "types")

    def __init__(self, function: Callable[..., Any], types: FrozenSet[str], concurrency: int, live_logs: bool) -> None:
        self.function = function
        self.name: str = getattr(function, "__name__", type(function).__name__)
        self.types = types
        self.concurrency = concurrency
        self.live_logs = live_logs
        self.is_async = is_async(function)
        if concurrency > 1 and not self.is_async:
            raise UsageError(
                f"@worker(concurrency={concurrency}) on {self.name}: only an async function can serve several tasks at "
                "once. Make it async, or set workers[].concurrency for more processes."
            )
        self.takes_task, keyword = takes_task(function, self.name)
        if keyword:
            self.call: Callable[..., Any] = lambda params, task: function(params, task=task)
        else:
            self.call = function


_SIMPLE = (_types.FunctionType,)
_VARARGS, _COROUTINE = 0x04, 0x80  # of a code object's flags


def is_async(function: Callable[..., Any]) -> bool:
    """Whether calling it gives something to await."""
    if isinstance(function, _SIMPLE) and not hasattr(function, "__wrapped__"):
        return bool(function.__code__.co_flags & _COROUTINE)
    import inspect  # costs a start milliseconds

    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))


def takes_task(function: Callable[..., Any], name: str) -> "tuple[bool, bool]":
    """Whether a function wants the task beside its params, and whether by keyword."""
    if isinstance(function, _SIMPLE) and not hasattr(function, "__wrapped__"):
        code = function.__code__
        simple = not code.co_flags & _VARARGS and not code.co_kwonlyargcount and not function.__defaults__
        if simple and code.co_argcount in (1, 2):
            return code.co_argcount == 2, False
    import inspect  # costs a start milliseconds

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some functions in C tell nothing
        return False, False
    places = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = [p for p in places if p.default is p.empty]
    rest = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    keywords = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
    others = [p.name for p in keywords if p.default is p.empty and p.name != "task"]
    if (not places and not rest) or len(needed) > 2 or others:
        raise UsageError(
            f"@worker on {name}{inspect.signature(function)}: the function is called as {name}(params) or "
            f"{name}(params, task)"
        )
    if len(needed) == 2 or rest or (len(places) > 1 and places[1].name == "task"):
        return True, False
    by_keyword = any(p.name == "task" for p in keywords)
    return by_keyword, by_keyword


def type_names(types: Union[str, Iterable[str], None], name: str) -> FrozenSet[str]:
    """The task types that the decorator was given; none means all."""
    if types is None:
        return frozenset()
    names = [types] if isinstance(types, str) else list(types)
    for text in names:
        if not isinstance(text, str) or not text or ("*" in text and not (text == "*" or text.endswith(".*"))):
            raise UsageError(f"@worker on {name}: {text!r} is no task type; write 'Prefix.Name', 'Prefix.*' or '*'")
    if not names:
        raise UsageError(f"@worker on {name}: types is empty; leave it out to serve every type")
    return frozenset(names)


@overload
def worker(function: Function) -> Function: ...


@overload
def worker(
    *, types: Union[str, Iterable[str], None] = ..., concurrency: int = ..., live_logs: bool = ...
) -> Callable[[Function], Function]: ...


def worker(
    function: Any = None,
    *,
    types: Union[str, Iterable[str], None] = None,
    concurrency: int = 1,
    live_logs: bool = False,
) -> Any:
    """Makes a function a worker: called as `function(params)` or `function(params, task)`, it returns the result.

    The function itself stays as it is and can be called and tested as before.

    Args:
        types: the task types it serves (`"Hello.Greet"`, `"Hello.*"`); left out: all.
        concurrency: for async functions: how many tasks one process serves at once.
        live_logs: in pool mode: what a task logs and prints is sent at once, not with its reply.
    """
    if isinstance(concurrency, bool) or not isinstance(concurrency, int) or concurrency < 1:
        raise UsageError(f"@worker(concurrency={concurrency!r}): a whole number from 1 on is needed")

    def decorate(target: Function) -> Function:
        if not callable(target):
            raise UsageError(f"@worker on {target!r}: write @worker or @worker(types=…, concurrency=…)")
        name = getattr(target, "__name__", type(target).__name__)
        made = Worker(target, type_names(types, name), concurrency, live_logs)
        registered[made.name] = made
        setattr(target, ATTRIBUTE, made)
        return target

    return decorate if function is None else decorate(function)


def worker_of(function: Callable[..., Any]) -> Worker:
    """A function's worker; a plain function becomes one that serves every type."""
    found = getattr(function, ATTRIBUTE, None)
    return found if isinstance(found, Worker) else Worker(function, frozenset(), 1, False)


class Dispatcher:
    """Finds the worker for a task type: the exact name, then the longest `Prefix.*`, then who serves all."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self.workers = list(workers)
        self._exact: Dict[str, Worker] = {}
        self._prefixes: Dict[str, Worker] = {}
        self._any: Optional[Worker] = None
        for item in workers:
            for name in sorted(item.types) or ["*"]:
                self._add(name, item)
        # Looked up for each task.
        self.only = self._any if len(self.workers) == 1 else None

    def _add(self, name: str, item: Worker) -> None:
        place = self._exact.get(name) or self._prefixes.get(name) or (self._any if name == "*" else None)
        if place is not None:
            kind = "every task type" if name == "*" else repr(name)
            raise UsageError(
                f"{place.name} and {item.name} both serve {kind}. Give each its own: @worker(types=…), or start the "
                f"module with the name of one: python -m MODULE {item.name}"
            )
        if name == "*":
            self._any = item
        elif name.endswith(".*"):
            self._prefixes[name] = item
        else:
            self._exact[name] = item

    def find(self, kind: Any) -> Optional[Worker]:
        """The worker for a type, or None."""
        if self.only is not None:
            return self.only
        if isinstance(kind, str):
            found = self._exact.get(kind)
            if found is not None:
                return found
            parts = kind.split(".")
            for count in range(len(parts) - 1, 0, -1):
                found = self._prefixes.get(".".join(parts[:count]) + ".*")
                if found is not None:
                    return found
        return self._any

    def names(self) -> List[str]:
        """All types, for an error's text."""
        return sorted(self._exact) + sorted(self._prefixes) + (["*"] if self._any else [])
