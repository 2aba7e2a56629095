import ArgumentParser

/// `workerhost completions`
struct Completions: HostCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the completion script of a shell.",
        discussion: """
            It completes commands, options, and what the configuration and the queue hold: workers, task types, tasks.

              source <(workerhost completions bash)                                     # this bash only
              workerhost completions bash > ~/.local/share/bash-completion/completions/workerhost
              workerhost completions zsh > ~/.zsh/completions/_workerhost               # a directory of $fpath
              workerhost completions fish > ~/.config/fish/completions/workerhost.fish
            """)

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    /// The shells that there are scripts for.
    enum Shell: String, CaseIterable, ExpressibleByArgument {
        case bash
        case zsh
        case fish
    }

    @MainActor
    func execute() async throws {
        let kind: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        let output = StandardOutput()
        try output.line(Root.completionScript(for: kind))
        try output.flush()
    }
}
