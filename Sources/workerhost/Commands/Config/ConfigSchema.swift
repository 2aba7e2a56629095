import ArgumentParser

/// `workerhost config schema`
struct ConfigSchema: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of the configuration, for editors.",
        discussion: """
            Editors with a YAML language server complete and check a file that begins with
            '# yaml-language-server: $schema=workerhost.schema.json'.

              workerhost config schema > workerhost.schema.json
            """)

    // Taken and not used, so that `workerhost --config FILE` can stand in front of every command.
    @OptionGroup(visibility: .hidden) var global: GlobalOptions

    @MainActor
    func execute() async throws {
        let output = StandardOutput()
        try output.write(EditorSchema.text)
        try output.flush()
    }
}
