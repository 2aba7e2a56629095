import Foundation
import Synchronization

/// So many requests of one client for one path in a window of time.
final class RateLimiter: Sendable {
    /// What one request is told.
    struct Verdict: Sendable {
        let limit: Int
        let window: Int
        let remaining: Int
        let reset: Int
        let retryAfter: Int
        let isRefused: Bool

        var headers: [(String, String)] {
            var headers = [
                ("X-RateLimit-Limit", String(limit)), ("X-RateLimit-Remaining", String(remaining)),
                ("X-RateLimit-Reset", String(reset)),
            ]
            if isRefused { headers.append(("Retry-After", String(retryAfter))) }
            return headers
        }

        func refusal(_ face: Face) -> Answer {
            let message = "Rate limit exceeded. Please try again in \(retryAfter) seconds."
            return .outside(429, "Too Many Requests", message, face) { writer in
                writer.add("retry_after", retryAfter)
                writer.add("limit", limit)
                writer.add("window", window)
            }
        }
    }

    private struct Bucket: Hashable {
        let client: String
        let path: String
    }

    private struct Count {
        var end: Double
        var count: Int
    }

    private let limit: Int
    private let window: Int
    private let buckets = Mutex<[Bucket: Count]>([:])

    /// - Parameter text: `N/SECONDS`; nil if it is not that.
    init?(_ text: String) {
        let parts = text.split(separator: "/").map { Int($0) ?? 0 }
        guard parts.count == 2, parts[0] > 0, parts[1] > 0 else { return nil }
        (limit, window) = (parts[0], parts[1])
    }

    func take(client: String, path: String) -> Verdict {
        let now = Date().timeIntervalSince1970
        let bucket = Bucket(client: client, path: path)
        let count = buckets.withLock { buckets in
            // Each task has paths of its own, so those whose time is over are thrown away now and then.
            if buckets.count > 10_000 { buckets = buckets.filter { $0.value.end > now } }
            var count = buckets[bucket] ?? Count(end: 0, count: 0)
            if count.end <= now { count = Count(end: now + Double(window), count: 0) }
            count.count += 1
            buckets[bucket] = count
            return count
        }
        return Verdict(
            limit: limit, window: window, remaining: max(0, limit - count.count), reset: Int(count.end.rounded(.up)),
            retryAfter: max(0, Int((count.end - now).rounded(.up))), isRefused: count.count > limit)
    }
}
