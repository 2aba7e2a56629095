import Foundation
import Testing

@testable import WorkerHostCore

/// How a debugger's command is put around a worker's.
@Suite struct WorkerDebuggerTests {
    private let module = WorkerConfiguration(
        name: "m", projectPath: "/srv", venvPython: "/srv/.venv/bin/python", module: "app.main", function: "go",
        taskTypes: ["T"])
    private let script = WorkerConfiguration(
        name: "s", projectPath: "/srv", command: ["python3", "-u", "-X", "dev", "run it.py", "a"], taskTypes: ["T"])
    private let shell = WorkerConfiguration(
        name: "b", projectPath: "/srv", command: ["bash", "x.sh", "it's"], taskTypes: ["T"])

    private func words(_ text: String, _ worker: WorkerConfiguration) throws -> [String] {
        let directory = try AttemptDirectory(environment: [:])
        defer { directory.remove() }
        let debugged = try WorkerDebugger(text).applied(to: worker, input: [0x7B, 0x7D], in: directory)
        #expect(debugged.environment[WorkerDebugger.inputVariable] == "\(directory.path)/task.json")
        #expect(try String(contentsOfFile: "\(directory.path)/task.json", encoding: .utf8) == "{}")
        return debugged.commandLine.map { $0.replacing(directory.path, with: "DIR") }
    }

    @Test func theCommandGoesBehindOrWhereItIsWanted() throws {
        #expect(try words("strace -f -o 'a b'", shell) == ["strace", "-f", "-o", "a b", "bash", "x.sh", "it's"])
        #expect(try words("tool --args {command} --end", shell) == ["tool", "--args", "bash", "x.sh", "it's", "--end"])
        #expect(try words("sh -c '{command} <{input}'", shell) == ["sh", "-c", "bash x.sh 'it'\\''s' <DIR/task.json"])
        #expect(
            try words("{python} -m debugpy --listen 5678 -m {module}", module)
                == ["/srv/.venv/bin/python", "-m", "debugpy", "--listen", "5678", "-m", "app.main"])
        #expect(try words("perf stat -e '{a,b}'", shell).prefix(4) == ["perf", "stat", "-e", "{a,b}"])
    }

    @Test func theShortcutsLeaveTheTerminalToTheDebugger() throws {
        #expect(
            try words("pdb", module) == ["/srv/.venv/bin/python", "DIR/debugger.py", "-m", "app.main", "go"])
        #expect(
            try words("pdb", script) == ["python3", "-u", "-X", "dev", "DIR/debugger.py", "run it.py", "a"])
        #expect(
            try words("gdb", shell) == ["gdb", "-q", "-ex", "set args x.sh 'it'\\''s' < DIR/task.json", "bash"])
        #expect(
            try WorkerDebugger("gdb --args").hint(for: shell) == "in gdb: run x.sh 'it'\\''s' < $WORKERHOST_INPUT")
    }

    @Test func tracersNeedNoTerminal() throws {
        for text in ["strace -f", "/usr/bin/perf stat", "valgrind"] { #expect(try !WorkerDebugger(text).isInteractive) }
        for text in ["pdb", "gdb --args", "lldb --"] { #expect(try WorkerDebugger(text).isInteractive) }
    }

    @Test(arguments: [
        ("pdb", "'b' runs bash x.sh"), ("{python} x", "is for Python workers"), ("run {module}", "is for Python"),
    ])
    func whatDoesNotFitTheWorkerIsSaid(_ text: String, _ expected: String) throws {
        let error = #expect(throws: DebuggerError.self) { try words(text, shell) }
        #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
    }

    @Test func aModuleIsWantedWhereOneIsNamed() throws {
        let error = #expect(throws: DebuggerError.self) { try words("{python} -m pdb -m {module}", script) }
        #expect(error?.description.contains("use {command} in place of {module}") == true)
    }

    @Test(arguments: ["", "  ", "a 'b", "a \"b", "a \\"])
    func aMalformedCommandIsRefused(_ text: String) {
        #expect(throws: DebuggerError.self) { try WorkerDebugger(text) }
    }

    @Test(arguments: [
        (#"a  b"#, ["a", "b"]), (#"'a b'c"#, ["a bc"]), (#""a \" $b" ''"#, [#"a " $b"#, ""]),
        (#"a\ b \\"#, ["a b", "\\"]),
        (#""\n""#, [#"\n"#]),
    ])
    func wordsAreThoseOfAShell(_ text: String, _ words: [String]) throws {
        #expect(try CommandWords.split(text) == words)
        #expect(try CommandWords.split(CommandWords.joined(words)) == words)
    }

    @Test func aScriptsFirstLineTellsItsPython() throws {
        let directory = try AttemptDirectory(environment: [:])
        defer { directory.remove() }
        let worker = { (line: String) throws in
            let file = try directory.store(Array("\(line)\nprint()\n".utf8), as: "w.py")
            return PythonCommand(
                WorkerConfiguration(name: "w", projectPath: "/", command: [file, "x"], taskTypes: ["T"]))
        }
        let env = try #require(try worker("#!/usr/bin/env python3"))
        #expect(env.python == "python3" && env.arguments == ["x"])
        let direct = try #require(try worker("#! /srv/bin/python3.12 -u"))
        #expect(direct.python == "/srv/bin/python3.12" && direct.options == ["-u"])
        #expect(try worker("#!/bin/sh") == nil)
        #expect(try worker("no script") == nil)
    }
}
