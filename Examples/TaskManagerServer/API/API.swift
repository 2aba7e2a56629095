import Logging

/// Answers requests: what holds for all of them; each endpoint has a file of its own.
struct API: Sendable {
    let settings: Settings
    let store: TaskStore
    let faults: Faults
    let limiter: RateLimiter?

    var face: Face { settings.face }

    func answer(to request: HTTPRequest, from peer: String) async -> Answer {
        // Cut short only when the server ends.
        if let delay = settings.delay { try? await Task.sleep(for: delay) }
        let path = settings.face.path(request.path)
        var answer: Answer
        if let limiter {
            let verdict = limiter.take(client: request.forwardedFor ?? peer, path: path)
            answer = verdict.isRefused ? verdict.refusal(face) : await passed(request, path)
            answer.headers += verdict.headers
        } else {
            answer = await passed(request, path)
        }
        // The real server never keeps a connection.
        if face == .quirks, case .keepsAlive = answer.delivery { answer.delivery = .closes }
        return answer
    }

    private func passed(_ request: HTTPRequest, _ path: String) async -> Answer {
        if request.isTooLarge { return .tooLarge(limit: settings.largestBody, face) }
        if request.method == "OPTIONS" { return Answer(200, []) }
        let endpoint = Endpoint(request.method, path, face)
        if endpoint != .health, !isAuthorized(request) { return .unauthorized(face) }
        guard let endpoint else { return .failure(404, "Endpoint not found") }
        if let fault = faults.beforehand(endpoint) { return fault }
        do {
            return faults.afterwards(endpoint, try await answer(to: request, endpoint))
        } catch {
            // As when the database is down; what is wrong is the operator's matter.
            settings.logger.error("A request failed.", metadata: ["path": "\(path)", "error": "\(error)"])
            return .failure(500, "Internal server error")
        }
    }

    private func answer(to request: HTTPRequest, _ endpoint: Endpoint) async throws -> Answer {
        switch endpoint {
        case .health: return health()
        case .types: return listTypes()
        case .type(let name): return type(name)
        case .task(let id): return try await task(id)
        case .tasks: return try await tasks(request.query)
        case .register, .create, .claim, .progress, .complete:
            guard let body = JSONBody(request.body) else { return .failure(400, "Invalid JSON in request body") }
            return try await answer(to: body, endpoint)
        }
    }

    private func answer(to body: JSONBody, _ endpoint: Endpoint) async throws -> Answer {
        switch endpoint {
        case .register: try await register(body)
        case .create: try await create(body)
        case .claim: try await claim(body)
        case .progress(let id): try await progress(id, body)
        case .complete(let id): try await complete(id, body)
        default: .failure(404, "Endpoint not found")
        }
    }

    private func isAuthorized(_ request: HTTPRequest) -> Bool {
        guard let key = settings.apiKey else { return true }
        guard let given = request.apiKey, given.utf8.count == key.utf8.count else { return false }
        // Takes as long whichever byte is wrong.
        return zip(given.utf8, key.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
