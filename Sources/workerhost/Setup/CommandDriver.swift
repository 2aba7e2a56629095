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
        } catch is CleanExit {
            return .done
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

    /// Lets `--config FILE` stand in front of the subcommand too.
    private static func inOrder(_ arguments: [String]) -> [String] {
        var rest = arguments[...]
        var moved: [String] = []
        while let first = rest.first {
            if first == "--config", rest.count > 1 {
                moved += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if first.hasPrefix("--config=") {
                moved.append(first)
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        let names = commandNames(rest)
        guard !names.isEmpty, !moved.isEmpty else { return arguments }
        return names + moved + rest.dropFirst(names.count)
    }

    /// The subcommand and, if it has some, its own subcommand.
    private static func commandNames(_ arguments: ArraySlice<String>) -> [String] {
        guard let first = arguments.first else { return [] }
        let command = Root.configuration.subcommands.first { $0.configuration.commandName == first }
        let below = command?.configuration.subcommands.compactMap { $0.configuration.commandName } ?? []
        guard let second = arguments.dropFirst().first, below.contains(second) else { return [first] }
        return [first, second]
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
