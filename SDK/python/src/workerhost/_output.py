"""Replies on their way to the host: many in one write while tasks are tiny, and never held for longer than a moment."""

from __future__ import annotations

import threading
import time
from typing import List

from ._channel import Channel

_clock = time.perf_counter
TINY = 0.0001
"""Seconds. Only behind tasks that took less on average may the next one begin before a reply is written."""
WARM = 100
"""So many tasks must have been tiny first. A process that takes over from one that died begins by writing each reply at
once, so that the host sees which task was the last."""
HELD = 0.0005
"""Seconds after which held replies are written between two tasks."""
TICK = 0.005
"""Seconds after which held replies are written in the middle of a task."""


class Output:
    """Writes replies. `put` may hold a reply back; `flush` writes what is held."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._lock = threading.Lock()
        self._held: List[bytes] = []
        self._begun = 0.0
        self._last = _clock()
        self._average = TINY
        self._warm = 0
        self._flushes = 0
        self._watch_rests = True
        self._wake = threading.Event()
        self._watcher = False

    def begin(self) -> None:
        """The next task begins after a wait, which is not its time."""
        self._last = _clock()

    def put(self, data: bytes, more: bool) -> None:
        """A reply; `more`: another task is there already."""
        now = _clock()
        took, self._last = now - self._last, now
        self._average += (took - self._average) * 0.1
        if self._average < TINY:
            self._warm += 1
        else:
            self._warm = 0
        if not more or self._warm < WARM:
            self.send(data)
            return
        if not self._held:
            self._begun = now
        self._held.append(data)
        if now - self._begun > HELD:
            self.flush()
        elif self._watch_rests:
            self._start_watch()

    def send(self, data: bytes) -> None:
        """Writes this now, behind what is held."""
        with self._lock:
            if self._held:
                self._held.append(data)
                data = b"".join(self._held)
                self._held.clear()
            self._flushes += 1
            self._channel.write(data)

    def flush(self) -> None:
        """Writes what is held."""
        if self._held:
            self.send(b"")

    def _start_watch(self) -> None:
        self._watch_rests = False
        if self._watcher:
            self._wake.set()
        else:
            self._watcher = True
            threading.Thread(target=self._watch, name="workerhost-output", daemon=True).start()

    def _watch(self) -> None:
        """Writes what a longer task would hold up. Rests while nothing is held."""
        while True:
            quiet = 0
            while quiet < 20:
                before = self._flushes
                time.sleep(TICK)
                if self._flushes != before:
                    quiet = 0
                else:
                    quiet += 1
                    self.flush()
            self._wake.clear()
            self._watch_rests = True
            if self._held:  # since the last look
                self._watch_rests = False
                continue
            self._wake.wait()
