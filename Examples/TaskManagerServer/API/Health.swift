import Foundation

extension API {
    /// `GET /health`
    func health() -> Answer {
        var writer = JSONWriter()
        writer.add("status", "healthy")
        writer.add("timestamp", Int(Date().timeIntervalSince1970))
        writer.add("database", "connected")
        return .success(writer.object)
    }
}
