import WorkerHostCore

extension API {
    /// `POST /tasks/{id}/complete`
    func complete(_ path: String, _ body: JSONBody) async throws -> Answer {
        let worker: String, report: TaskStore.Report
        switch Self.completion(body, face) {
        case .failure(let refusal): return refusal.answer
        case .success(let fields): (worker, report) = fields
        }
        guard let id = face.taskID(path) else { return .failure(404, "Task not found") }
        // Of the real server's two updates for a failure only the first one is done.
        let isHalf = !report.isSuccess && faults.halvesFailure()
        switch try await store.end(id, worker: worker, report, isFinal: isHalf) {
        case .taken where isHalf: return .deadlock
        case .taken(let outcome): return Self.ended(path, outcome, face)
        case let refusal: return Self.refused(refusal)
        }
    }

    static func completion(_ body: JSONBody, _ face: Face) -> Result<(String, TaskStore.Report), Refusal> {
        for field in ["worker_id", "success"] where body[field].isAbsent {
            return .failure(Refusal(.failure(400, "Missing required field: \(field)")))
        }
        guard let worker = body["worker_id"].text?.trimmed else {
            return .failure(
                Refusal(face == .quirks ? .empty : .invalid("Field 'worker_id' must be of type string")))
        }
        guard let isSuccess = face.isSuccess(body["success"], body.raw("success")) else {
            return .failure(Refusal(.invalid("Field 'success' must be of type boolean")))
        }
        let report = TaskStore.Report(
            isSuccess: isSuccess, result: face.stored(result: body.raw("result")), error: errorText(body, face))
        if (report.result?.bytes.count ?? 0) > face.largestText {
            return .failure(Refusal(.dataTooLong("result_json")))
        }
        if (report.error?.utf8.count ?? 0) > face.largestText {
            return .failure(Refusal(.dataTooLong("error_message")))
        }
        return .success((worker, report))
    }

    private static func errorText(_ body: JSONBody, _ face: Face) -> String? {
        switch body["error"] {
        case .missing, .null: nil
        case .string(let text): text
        case .array where face == .quirks, .object where face == .quirks: "Array"
        default: body.raw("error")?.text
        }
    }

    static func ended(_ id: String, _ outcome: EndBatch.Outcome, _ face: Face) -> Answer {
        var writer = JSONWriter()
        writer.addTask(id, face)
        let status =
            switch outcome {
            case .completed: "completed"
            case .failed: "failed"
            case .retried: face == .quirks ? "pending (retry)" : "pending"
            }
        writer.add("status", status)
        writer.add("message", "Task completed")
        return .success(writer.object)
    }
}
