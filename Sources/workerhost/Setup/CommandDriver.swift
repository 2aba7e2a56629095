import ArgumentParser
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Parses the command line, runs the command and turns whatever happens into an exit code.
enum CommandDriver {
    /// Runs the program.
    @MainActor
    static func runAndExit(_ arguments: [String]) async -> Never {
        openStandardDescriptors()
        outliveClosedPipes()
        exit(await run(arguments).rawValue)
    }

    @MainActor
    private static func run(_ arguments: [String]) async -> CommandFailure.Code {
        let command: any ParsableCommand
        do {
            command = try Root.parseAsRoot(inOrder(Array(arguments.dropFirst())))
        } catch {
            // A shell that completes a word: an error would be written into the line that somebody types.
            if arguments.dropFirst().first == "---completion", !Root.exitCode(for: error).isSuccess { return .failed }
            return leave(error)
        }
        do {
            guard let command = command as? any HostCommand else {
                // The root itself, or the help command of the parser.
                var plain = command
                try plain.run()
                return .done
            }
            try await command.execute()
            return .done
        } catch let failure as CommandFailure {
            if !failure.description.isEmpty { Talk.shared.line("workerhost: \(failure.description)") }
            return failure.code
        } catch {
            return leave(error)
        }
    }

    /// Says what the parser has to say: help on standard output, a complaint on standard error.
    @MainActor
    private static func leave(_ error: any Error) -> CommandFailure.Code {
        let text = Root.fullMessage(for: error)
        let code = Root.exitCode(for: error)
        guard code.isSuccess else {
            Talk.shared.line(text)
            return code == .validationFailure ? .usage : .failed
        }
        do {
            let output = StandardOutput()
            try output.line(text)
            try output.flush()
            return .done
        } catch {
            return .failed
        }
    }

    /// Lets `--config FILE` stand in front of the subcommand too, also of one below another (`config explain`).
    private static func inOrder(_ arguments: [String]) -> [String] {
        var rest = arguments[...]
        var moved: [String] = []
        var names: [String] = []
        var level: any ParsableCommand.Type = Root.self
        while !level.configuration.subcommands.isEmpty, let first = rest.first {
            if first == "--config", rest.count > 1 {
                moved += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if first.hasPrefix("--config=") {
                moved.append(first)
                rest = rest.dropFirst()
            } else if let next = level.subcommand(named: first) {
                names.append(first)
                rest = rest.dropFirst()
                level = next
            } else {
                break
            }
        }
        if names.isEmpty, rest.isEmpty { return arguments }
        // Help, or a command that does not exist: the answer does not depend on the file.
        let isCommand = level.configuration.subcommands.isEmpty
        return names + (isCommand ? moved : []) + rest
    }

    /// Fills closed places among descriptors 0, 1 and 2, before anything else is opened: else the queue or a worker's
    /// pipe would get the number of standard error, and the log would be written into it.
    private static func openStandardDescriptors() {
        var descriptor: Int32
        repeat { descriptor = open("/dev/null", O_RDWR) } while descriptor >= 0 && descriptor <= 2
        if descriptor > 2 { close(descriptor) }
    }

    /// Makes a write to a pipe without a reader an error in place of the end of the program. A handler that does
    /// nothing, not `SIG_IGN`: workers would inherit that.
    private static func outliveClosedPipes() {
        signal(SIGPIPE) { _ in }
    }
}

extension ParsableCommand {
    fileprivate static func subcommand(named name: String) -> (any ParsableCommand.Type)? {
        configuration.subcommands.first { $0._commandName == name || $0.configuration.aliases.contains(name) }
    }
}
