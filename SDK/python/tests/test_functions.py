"""The decorator, the exceptions and tests in process: no worker process is started here."""

import asyncio
import datetime
import unittest

import support  # noqa: F401  makes the package importable

from workerhost import RetryLater, UsageError, worker
from workerhost._registry import Dispatcher, Worker, worker_of
from workerhost.testing import run


class DecoratorTests(unittest.TestCase):
    def test_how_a_function_is_called(self):
        class Callable_:
            def __call__(self, params, task):
                return task.id

        def keyword(params, *, task):
            return task.id

        def optional(params, limit=3):
            return limit

        def named(params, task=None):
            return task.id

        cases = [
            (lambda params: 1, 1), (lambda params, task: task.id, "test-1"), (lambda params, other: other.id, "test-1"),
            (keyword, "test-1"), (optional, 3), (named, "test-1"), (lambda *rest: len(rest), 2),
            (Callable_(), "test-1"), (len, 0),
        ]  # fmt: skip
        for function, result in cases:
            self.assertEqual(run(function, {}).value(), result)

    def test_functions_that_cannot_be_called(self):
        for function in (lambda: 1, lambda a, b, c: 1, lambda params, *, other: 1):
            with self.assertRaisesRegex(UsageError, "the function is called as .*params, task"):
                worker(function)

    def test_wrong_arguments(self):
        for arguments, message in (
            ({"concurrency": 0}, "a whole number from 1 on"), ({"types": []}, "types is empty"),
            ({"types": ["a*"]}, "'a\\*' is no task type"), ({"concurrency": 2}, "only an async function"),
        ):  # fmt: skip
            with self.assertRaisesRegex(UsageError, message):
                worker(**arguments)(lambda params: 1)

    def test_which_function_serves_a_type(self):
        def made(name, *types):
            return Worker(
                type(name, (), {"__call__": lambda self, params: 1, "__name__": name})(), frozenset(types), 1, False
            )

        workers = [made("exact", "A.B"), made("prefix", "A.*"), made("longer", "A.C.*"), made("all")]
        dispatcher = Dispatcher(workers)
        found = {kind: dispatcher.find(kind).name for kind in ("A.B", "A.X", "A.C.D", "A.C", "B", "", None)}
        self.assertEqual(list(found.values()), ["exact", "prefix", "longer", "prefix", "all", "all", "all"])
        self.assertIsNone(Dispatcher(workers[:1]).find("B"))
        with self.assertRaisesRegex(UsageError, "all and other both serve every task type. Give each its own"):
            Dispatcher(workers + [made("other")])
        with self.assertRaisesRegex(UsageError, "exact and twice both serve 'A.B'"):
            Dispatcher(workers + [made("twice", "A.B")])

    def test_the_function_stays_itself(self):
        @worker(types={"A.B"})
        def work(params):
            """Works."""
            return params

        self.assertEqual((work(1), work.__doc__, worker_of(work).types), (1, "Works.", {"A.B"}))


class InProcessTests(unittest.TestCase):
    def test_retry_later(self):
        def later(params):
            raise RetryLater(after=datetime.timedelta(minutes=1))

        outcome = run(later)
        self.assertEqual((outcome.status, outcome.retry_after, outcome.message), ("retry", 60, "try again in 60 s"))
        self.assertFalse(outcome)
        for wrong in (-1, float("nan")):
            with self.assertRaises(ValueError):
                RetryLater(after=wrong)
        with self.assertRaisesRegex(TypeError, r"RetryLater\(after=30\)"):
            RetryLater(30)

    def test_cancelled_and_out_of_time(self):
        def work(params, task):
            task.check_cancelled()
            return "done"

        self.assertEqual(run(work).value(), "done")
        self.assertEqual(run(work, cancelled=True).error_type, "Cancelled")
        late = run(work, metadata={"deadline": "2001-01-31T12:00:00Z"})
        self.assertEqual((late.status, late.exit_code), ("timed_out", 3))
        with self.assertRaisesRegex(AssertionError, "(?s)the task ended as timed_out, exit code 3: .*deadline was"):
            late.value()

    def test_async_functions_and_types(self):
        @worker(types="Async.*", concurrency=2)
        async def work(params, task):
            await asyncio.sleep(0)
            task.progress(50)
            return task.type

        outcome = run(work)
        self.assertEqual((outcome.value(), outcome.progress), ("Async.Test", [{"percent": 50}]))
        self.assertEqual(run(work, type="Other").error_type, "UnknownTaskType")


if __name__ == "__main__":
    unittest.main()
