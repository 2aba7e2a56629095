import Testing
import WorkerHostCore

/// A worker is added to a configuration as text; what was there stays.
@Suite struct WorkerListEditorTests {
    private static let entry = ["name: new", "command: [x]", "task_types: [New.Type]"]

    private func added(to text: String) throws -> String {
        let edit = try WorkerListEditor.adding(Self.entry, to: text)
        let before = try load(text).configuration
        var after = try load(edit.text).configuration
        #expect(after.workers.last?.name == "new")
        after.workers.removeLast()
        #expect(after == before)
        let lines = edit.text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        #expect(lines[edit.line - 1].contains("name: new"))
        return edit.text
    }

    private func refusal(_ text: String) -> String? {
        do throws(WorkerListEditor.Refusal) {
            _ = try WorkerListEditor.adding(Self.entry, to: text)
            return nil
        } catch {
            return error.reason
        }
    }

    private static let head = "task_manager: {type: sqlite}\nworkers:\n"

    /// What stands after `workers:`, and what is to stand there afterwards.
    @Test(arguments: [
        // The usual form; the comments below belong to the section after the list.
        (
            "  - name: a   # first\n    command: [x]\n    task_types: [A]\n    # timeout: 10s\n\n# The log.\nlogging:\n  level: INFO\n",
            "  - name: a   # first\n    command: [x]\n    task_types: [A]\n    # timeout: 10s\n\n"
                + "  - name: new\n    command: [x]\n    task_types: [New.Type]\n\n# The log.\nlogging:\n  level: INFO\n"
        ),
        // No indentation, a wide dash, no line end at the end.
        (
            "-   name: a\n    command: [x]\n    task_types: [A]",
            "-   name: a\n    command: [x]\n    task_types: [A]\n\n-   name: new\n    command: [x]\n    task_types: [New.Type]\n"
        ),
        // One-line elements without blank lines between them.
        (
            "  - {name: a, command: [x], task_types: [A]}\n  - {name: b, command: [x], task_types: [B]}\n",
            "  - {name: a, command: [x], task_types: [A]}\n  - {name: b, command: [x], task_types: [B]}\n"
                + "  - name: new\n    command: [x]\n    task_types: [New.Type]\n"
        ),
        // A worker that was commented out belongs to the list; the end of the document does not.
        (
            "    - command: [x]\n      task_types: [A]\n      name: a\n\n    # - name: old\n    #   command: [y]\n...\n",
            "    - command: [x]\n      task_types: [A]\n      name: a\n\n    # - name: old\n    #   command: [y]\n\n"
                + "    - name: new\n      command: [x]\n      task_types: [New.Type]\n...\n"
        ),
        // A dash alone on its line, and a text over several lines at the end.
        (
            "  -\n    name: a\n    command: [x]\n    task_types: [A]\n    description: |\n      # no comment\n\n      - no: element\n",
            "  -\n    name: a\n    command: [x]\n    task_types: [A]\n    description: |\n      # no comment\n\n      - no: element\n\n"
                + "  - name: new\n    command: [x]\n    task_types: [New.Type]\n"
        ),
    ])
    func theElementFollowsTheLastOne(_ list: String, _ expected: String) throws {
        #expect(try added(to: Self.head + list) == Self.head + expected)
        let windows = (Self.head + list).replacing("\n", with: "\r\n")
        #expect(try added(to: windows) == (Self.head + expected).replacing("\n", with: "\r\n"))
        #expect(try added(to: "\u{FEFF}" + Self.head + list) == "\u{FEFF}" + Self.head + expected)
    }

    @Test func theListMayStandInTheMiddleAndUseAnchors() throws {
        let text = """
            x-base: &base {command: [x], timeout: 5s}
            workers:
            - <<: *base
              name: ä
              task_types: [A]
            # Where tasks come from.
            task_manager:
              type: sqlite

            """
        let expected = text.replacing(
            "# Where", with: "\n- name: new\n  command: [x]\n  task_types: [New.Type]\n# Where")
        #expect(try added(to: text) == expected)
    }

    @Test func whatHasNoPlaceForALineIsRefused() {
        #expect(
            refusal(#"{"task_manager":{"type":"sqlite"},"workers":[{"name":"a"}]}"#)
                == "it is JSON, or a mapping in braces")
        #expect(refusal("workers: [{name: a}]\n") == "'workers' is a list in brackets")
        #expect(refusal("x-w: &w\n  - {name: a}\nworkers: *w\n") == "'workers' is written in an unusual way")
        #expect(refusal("workers: &w\n  - {name: a}\n") == "'workers' is written in an unusual way")
        #expect(refusal("a: 1\n") == "'workers' is no list of its own in it")
        #expect(refusal("workers:\r\n  - name: a\n") == "its lines do not all end in the same way")
    }
}
