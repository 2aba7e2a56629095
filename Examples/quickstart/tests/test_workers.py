"""Runs the quickstart's and hello's workers as a host would: JSON in, JSON and an exit code out.

Each runs with its own virtualenv (scripts/venvs.sh makes them), and several at once write to one database.
"""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

QUICKSTART = pathlib.Path(__file__).resolve().parents[1]
HELLO = QUICKSTART.parent / "hello"
VERSIONS = {"content_scorer": "0.7.3", "classifier": "0.7.8"}
TEXT = "The licence permits everybody to copy the software and distribute the software. It comes without any warranty. " * 20


class Run:
    """One run of a worker."""

    def __init__(self, command, folder, data, environment):
        done = subprocess.run(
            command, cwd=folder, env={"PATH": os.defpath, **environment}, input=data, capture_output=True, timeout=120
        )
        self.code, self.errors = done.returncode, done.stderr.decode()
        self.lines = done.stdout.decode().splitlines()

    @property
    def reply(self):
        return json.loads(self.lines[-1])


class QuickstartTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.text = self.folder / "a text.txt"
        self.text.write_text(TEXT, encoding="utf-8")
        self.database = self.folder / "state" / "ideas.sqlite"

    def run_worker(self, name, data):
        python = QUICKSTART / name / ".venv" / "bin" / "python"
        environment = {
            "PYTHONPATH": "../shared",
            "IDEAS_DATABASE": str(self.database),
            "WORKERHOST_MODE": "oneshot",
            "WORKERHOST_FORMAT": "json",
            "WORKERHOST_WORKER": name,
        }
        return Run([python, "-m", name], QUICKSTART / name, data, environment)

    def task(self, **changes):
        params = {"path": str(self.text), "source_id": "test:1", "title": "A text", **changes}
        task = {"id": "task-1", "type": "Text.Any", "params": params, "metadata": {"attempt": 1}}
        return json.dumps(task).encode() + b"\n"

    def rows(self):
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute("SELECT * FROM idea_inspiration ORDER BY produced_by")]

    def test_each_worker_uses_the_version_of_its_own_virtualenv(self):
        for name, version in VERSIONS.items():
            run = self.run_worker(name, self.task())
            self.assertEqual((run.code, len(run.lines)), (0, 1), run.errors)
            self.assertTrue(run.reply["success"])
            self.assertEqual(run.reply["id"], "task-1")
            self.assertEqual(run.reply["result"]["textstat"], version)
        rows = self.rows()
        self.assertEqual([row["produced_by"] for row in rows], ["classifier", "content_scorer"])
        for row in rows:
            metadata = json.loads(row["metadata"])
            self.assertEqual(metadata["package_version"], VERSIONS[row["produced_by"]])
            self.assertEqual(metadata["interpreter"], str(QUICKSTART / row["produced_by"] / ".venv"))
            self.assertEqual((row["content"], row["source_type"], row["title"]), (TEXT, "text", "A text"))
        self.assertEqual(json.loads(rows[0]["metadata"])["category"], "licence")
        self.assertIn("software", json.loads(rows[0]["keywords"]))

    def test_a_task_that_runs_again_updates_its_row(self):
        for title in ("First", "Second"):
            self.assertEqual(self.run_worker("classifier", self.task(title=title)).code, 0)
        self.assertEqual([row["title"] for row in self.rows()], ["Second"])

    def test_bad_tasks_are_refused_for_good(self):
        bad = [
            b"",
            b"no json",
            b"\xff\xfe{}",
            b"[1]",
            b'{"id":"task-1","params":[]}',
            self.task(path=""),
            self.task(path=7),
            self.task(path=str(self.folder / "missing.txt")),
            self.task(path=str(self.folder)),
        ]
        for name in VERSIONS:
            for data in bad:
                run = self.run_worker(name, data)
                self.assertEqual(run.code, 2, (data, run.errors))
                self.assertFalse(run.reply["success"])
                self.assertFalse(run.reply["error"]["retry_possible"])
                self.assertTrue(run.reply["error"]["message"])
        self.assertFalse(self.database.exists())

    def test_a_database_that_cannot_be_opened_may_be_tried_again(self):
        self.database.mkdir(parents=True)
        run = self.run_worker("content_scorer", self.task())
        self.assertEqual(run.code, 1, run.errors)
        self.assertTrue(run.reply["error"]["retry_possible"])

    def test_many_processes_write_at_once(self):
        tasks = [(name, self.task(source_id=f"test:{number}")) for number in range(8) for name in VERSIONS]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            runs = list(pool.map(lambda task: self.run_worker(*task), tasks))
        self.assertEqual([run.code for run in runs], [0] * len(tasks), [run.errors for run in runs if run.code])
        self.assertEqual(len(self.rows()), len(tasks))

    def test_the_database_refuses_an_unknown_source_type(self):
        self.run_worker("classifier", self.task())
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            with self.assertRaises(sqlite3.IntegrityError):
                database.execute("UPDATE idea_inspiration SET source_type = 'image'")

    def test_the_list_has_two_tasks_for_each_text_with_keys_of_their_own(self):
        listed = Run([sys.executable, QUICKSTART / "list_texts.py"], QUICKSTART, b"", {})
        self.assertEqual(listed.code, 0, listed.errors)
        tasks = [json.loads(line) for line in listed.lines]
        self.assertEqual(len({task["dedupe_key"] for task in tasks}), len(tasks))
        for kind in ("Text.Score", "Text.Classify"):
            self.assertEqual(sum(task["type"] == kind for task in tasks) * 2, len(tasks))
        self.assertTrue(all(pathlib.Path(task["params"]["path"]).is_file() for task in tasks))


class HelloTests(unittest.TestCase):
    WORKERS = {"python": [sys.executable, "-m", "hello"], "bash": ["bash", "hello.sh"]}
    if shutil.which("node"):  # the one worker here whose language the build does not need
        WORKERS["node"] = [shutil.which("node"), "hello.js"]

    def test_greets(self):
        for name, command in self.WORKERS.items():
            with self.subTest(name):
                run = Run(command, HELLO, b'{"id":"t","type":"Hello.Greet","params":{"name":"Ada"},"metadata":{}}\n', {})
                self.assertEqual((run.code, run.reply["success"]), (0, True), run.errors)
                self.assertEqual(run.reply["result"], {"greeting": "Hello, Ada!", "letters": 3})

    def test_refuses_a_task_without_a_name(self):
        for name, command in self.WORKERS.items():
            with self.subTest(name):
                run = Run(command, HELLO, b'{"id":"t","type":"Hello.Greet","params":{},"metadata":{}}\n', {})
                self.assertEqual((run.code, run.reply["success"]), (2, False), run.errors)
                self.assertFalse(run.reply["error"]["retry_possible"])


if __name__ == "__main__":
    unittest.main()
