import Foundation
import WorkerHostCore

/// The REST API in memory, as the facts sheet says, on a ``ScriptedServer``.
final class FakeTaskManager: Sendable {
    struct Entry: Sendable {
        let id: Int
        let type: String
        let params: String
        var status = "pending"
        var attempts = 0
        var claimedBy: String?
        var claims: [String] = []
        var completes: [String] = []
    }

    struct State: Sendable {
        var types: [String: Int] = [:]
        var tasks: [Entry] = []
        var claims: [(type: Int, worker: String)] = []
        var calls: [String] = []
        /// Looked at before a call is served; nil serves it.
        var interceptor: (@Sendable (ScriptedRequest) -> ScriptedAnswer?)?
        /// Says of which calls the answer is lost behind the work.
        var loses: (@Sendable (ScriptedRequest) -> Bool)?
    }

    let state = Guarded(State())
    private let server = Guarded<ScriptedServer?>(nil)
    let key: String

    init(types: [String], key: String = "k3y") throws {
        self.key = key
        state.withLock { state in
            for (index, type) in types.enumerated() { state.types[type] = index + 1 }
        }
        let made = try ScriptedServer { [weak self] in self?.answer($0) ?? .close }
        server.withLock { $0 = made }
    }

    var address: ServerAddress { get throws { try ServerAddress(url) } }
    var url: String { (server.withLock { $0?.url } ?? "") + "/api" }

    func losesAnswer(_ loses: @escaping @Sendable (ScriptedRequest) -> Bool) { state.withLock { $0.loses = loses } }
    func stop() { server.withLock { $0 }?.stop() }

    @discardableResult
    func add(_ type: String, params: String = #"{"a":1}"#) -> String {
        state.withLock { state in
            let id = state.tasks.count + 1
            state.tasks.append(Entry(id: id, type: type, params: params))
            return String(id)
        }
    }

    func task(_ id: String) -> Entry? { state.withLock { state in Int(id).flatMap { state.tasks[safe: $0 - 1] } } }
    func change(_ id: String, _ change: @Sendable (inout Entry) -> Void) {
        state.withLock { state in
            if let number = Int(id), state.tasks.indices.contains(number - 1) { change(&state.tasks[number - 1]) }
        }
    }
    func intercept(_ interceptor: (@Sendable (ScriptedRequest) -> ScriptedAnswer?)?) {
        state.withLock { $0.interceptor = interceptor }
    }
    var claims: [(type: Int, worker: String)] { state.withLock { $0.claims } }

    private func answer(_ request: ScriptedRequest) -> ScriptedAnswer {
        let answer = served(request)
        return state.withLock { $0.loses }?(request) == true ? .close : answer
    }

    private func served(_ request: ScriptedRequest) -> ScriptedAnswer {
        // Wherever it stands, as there.
        let path = request.path.replacingOccurrences(of: "/api", with: "")
        let interceptor = state.withLock { state in
            state.calls.append(path)
            return state.interceptor
        }
        if let answer = interceptor?(request) { return answer }
        guard request.headers["x-api-key"] == key else { return Answers.unauthorized }
        let parts = path.split(separator: "/").map(String.init)
        let members = (try? JSONSerialization.jsonObject(with: Data(request.body))) as? [String: Any] ?? [:]
        if path == "/tasks/claim" { return claim(members) }
        if path == "/task-types/register" { return register(members["name"] as? String ?? "") }
        if parts.first == "task-types", parts.count == 2 { return type(parts[1]) }
        if parts.first == "tasks", parts.count == 3, parts[2] == "complete" { return complete(parts[1], members) }
        if parts.first == "tasks", parts.count == 3 { return Answers.done(#"{"id":"\#(parts[1])"}"#) }
        if path.hasPrefix("/tasks?") { return list(path) }
        if parts.first == "tasks", parts.count == 2 { return read(parts[1]) }
        return Answers.error(404, "Endpoint not found")
    }

    private func register(_ name: String) -> ScriptedAnswer {
        let id = state.withLock { state in
            let id = state.types[name] ?? state.types.count + 1
            state.types[name] = id
            return id
        }
        return Answers.done(#"{"id":"\#(id)","name":"\#(name)","created":true}"#)
    }

    private func type(_ name: String) -> ScriptedAnswer {
        guard let id = state.withLock({ $0.types[name] }) else { return Answers.done(#"{"items":[],"count":0}"#) }
        return Answers.done(#"{"items":[{"id":\#(id),"name":"\#(name)"}],"count":1}"#)
    }

    private func claim(_ members: [String: Any]) -> ScriptedAnswer {
        let type = members["task_type_id"] as? Int ?? 0
        let worker = members["worker_id"] as? String ?? ""
        let task = state.withLock { state -> Entry? in
            state.claims.append((type, worker))
            let name = state.types.first { $0.value == type }?.key
            guard let index = state.tasks.firstIndex(where: { $0.status == "pending" && $0.type == name }) else {
                return nil
            }
            state.tasks[index].status = "claimed"
            state.tasks[index].claimedBy = worker
            state.tasks[index].claims.append(worker)
            state.tasks[index].attempts += 1
            return state.tasks[index]
        }
        guard let task else { return Answers.noTask }
        return Answers.done(
            #"{"id":\#(task.id),"type":"\#(task.type)","params":\#(task.params),"attempts":\#(task.attempts),"priority":3}"#
        )
    }

    private func complete(_ id: String, _ members: [String: Any]) -> ScriptedAnswer {
        let worker = members["worker_id"] as? String ?? ""
        let isSuccess = members["success"] as? Bool ?? false
        return state.withLock { state in
            guard let number = Int(id), state.tasks.indices.contains(number - 1) else {
                return Answers.error(404, "Task not found")
            }
            let index = number - 1
            guard state.tasks[index].claimedBy == worker else {
                return Answers.error(403, "Task is claimed by another worker")
            }
            guard state.tasks[index].status == "claimed" else {
                return Answers.error(400, "Task is not in claimed state")
            }
            state.tasks[index].completes.append(worker)
            if isSuccess {
                state.tasks[index].status = "completed"
            } else {
                state.tasks[index].status = state.tasks[index].attempts >= 3 ? "failed" : "pending"
                if state.tasks[index].status == "pending" { state.tasks[index].claimedBy = nil }
            }
            return Answers.done(#"{"id":"\#(id)","status":"\#(state.tasks[index].status)"}"#)
        }
    }

    private func list(_ path: String) -> ScriptedAnswer {
        let rows = state.withLock { state in
            state.tasks.filter { path.contains("status=\($0.status)&") && path.contains("type=\($0.type)&") }
                .map {
                    #"{"id":\#($0.id),"type":"\#($0.type)","status":"\#($0.status)","claimed_by":"\#($0.claimedBy ?? "")"}"#
                }
        }
        return Answers.done(#"{"items":[\#(rows.joined(separator: ","))],"count":\#(rows.count)}"#)
    }

    private func read(_ id: String) -> ScriptedAnswer {
        guard let task = task(id) else { return Answers.done(#"{"items":[],"count":0}"#) }
        let claimedBy = task.claimedBy.map { #""\#($0)""# } ?? "null"
        return Answers.done(
            #"{"items":[{"id":\#(task.id),"type":"\#(task.type)","status":"\#(task.status)","claimed_by":\#(claimedBy),"#
                + #""params":\#(task.params),"attempts":\#(task.attempts)}]}"#
        )
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
