import Foundation
import Testing
import WorkerHostCore

@Suite struct PathPolicyTests {
    /// A worker's directory with a virtualenv in it, below a directory of its own that only its owner may write to.
    private final class Place {
        let root: String
        var project: String { root + "/project" }
        var python: String { project + "/.venv/bin/python" }

        init() throws {
            root = FileManager.default.temporaryDirectory.path + "/wh-path-" + UUID().uuidString
            let real = root + "/real-python"
            try FileManager.default.createDirectory(
                atPath: root + "/project/.venv/bin", withIntermediateDirectories: true)
            try Data("#!/bin/sh\n".utf8).write(to: URL(filePath: real))
            try FileManager.default.createSymbolicLink(
                atPath: root + "/project/.venv/bin/python", withDestinationPath: real)
            for path in ["", "/project", "/project/.venv", "/project/.venv/bin", "/real-python"] {
                try mode(0o755, root + path)
            }
        }

        func mode(_ mode: Int, _ path: String) throws {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }

        func texts(project: String? = nil, python: String? = nil, command: [String]? = nil) -> [String] {
            let worker = WorkerConfiguration(
                name: "w", projectPath: project ?? self.project,
                venvPython: command == nil ? python ?? self.python : nil, module: "m", command: command,
                taskTypes: ["A"])
            return PathPolicy().check(worker).map {
                $0.description.replacing(root, with: "ROOT").replacing("user \(geteuid())", with: "user ME")
            }
        }

        deinit {
            do {
                try FileManager.default.removeItem(atPath: root)
            } catch {
                Issue.record(error)
            }
        }
    }

    @Test func aSoundInstallationPasses() throws {
        let place = try Place()
        #expect(place.texts() == [])
        #expect(place.texts(command: ["/bin/sh", "-c", "true"]) == [])
        #expect(place.texts(project: place.project + "/../project/.") == [])
    }

    @Test func whatIsMissing() throws {
        let place = try Place()
        #expect(
            place.texts(project: place.root + "/none", python: place.root + "/venv/bin/python") == [
                "worker 'w': project_path: ROOT/none does not exist: create the directory, or check the spelling",
                "worker 'w': venv_python: ROOT/venv does not exist (needed for ROOT/venv/bin/python): "
                    + "create the virtualenv with 'python3 -m venv ROOT/venv'",
            ])
        #expect(
            place.texts(command: ["no-such-program"]) == [
                "worker 'w': command: 'no-such-program' is found neither beside the configuration nor in PATH: "
                    + "check the spelling, or install it"
            ])
    }

    @Test func whatIsOfTheWrongKind() throws {
        let place = try Place()
        #expect(
            place.texts(project: place.root + "/real-python", python: place.project) == [
                "worker 'w': project_path: ROOT/real-python is not a directory: give the directory that the worker "
                    + "is started in",
                "worker 'w': venv_python: ROOT/project is a directory: give the program itself",
            ])
        #expect(
            place.texts(command: ["/dev/null"]) == [
                "worker 'w': command: /dev/null is writable for all users: take the right away: chmod o-w /dev/null",
                "worker 'w': command: /dev/null is no regular file: give the program itself",
            ])
        try place.mode(0o644, place.root + "/real-python")
        #expect(
            place.texts() == [
                "worker 'w': venv_python: ROOT/project/.venv/bin/python is not executable for user ME: "
                    + "give it the right: chmod +x ROOT/project/.venv/bin/python"
            ])
    }

    @Test func whatOthersMayWriteTo() throws {
        let place = try Place()
        try place.mode(0o777, place.project)
        try place.mode(0o757, place.root + "/real-python")
        #expect(
            place.texts() == [
                "worker 'w': project_path: ROOT/project is writable for all users: take the right away: "
                    + "chmod o-w ROOT/project",
                "worker 'w': venv_python: ROOT/real-python is writable for all users: take the right away: "
                    + "chmod o-w ROOT/real-python",
            ])
        try place.mode(0o1777, place.project)
        try place.mode(0o755, place.root + "/real-python")
        #expect(place.texts() == [])
    }

    @Test func linksThatLeadNowhere() throws {
        let place = try Place()
        try FileManager.default.createSymbolicLink(atPath: place.root + "/loop", withDestinationPath: "loop")
        #expect(
            place.texts(python: place.root + "/loop") == [
                "worker 'w': venv_python: ROOT/loop leads through too many symbolic links: remove the loop"
            ])
        try FileManager.default.removeItem(atPath: place.root + "/real-python")
        #expect(
            place.texts() == [
                "worker 'w': venv_python: ROOT/real-python does not exist (needed for "
                    + "ROOT/project/.venv/bin/python): create the virtualenv with "
                    + "'python3 -m venv ROOT/project/.venv'"
            ])
    }

    /// Only root can make files that belong to others.
    @Test(.enabled(if: geteuid() == 0)) func whatBelongsToOthers() throws {
        let place = try Place()
        try place.mode(0o775, place.project)
        #expect(chown(place.project, 4321, 4322) == 0)
        #expect(
            place.texts() == [
                "worker 'w': project_path: ROOT/project is writable for group 4322: take the right away: "
                    + "chmod g-w ROOT/project"
            ])
        // A user's own group is as good as the user.
        #expect(chown(place.project, 4321, 4321) == 0)
        #expect(place.texts() == [])
        try place.mode(0o1777, place.root)
        #expect(
            place.texts() == [
                "worker 'w': project_path: ROOT/project lies in a directory that all users may write to, and belongs "
                    + "to user 4321: move it elsewhere, or give it to user ME"
            ])
    }
}
