import Foundation
import Testing

/// One row of a table: a request, and what the answer must be.
struct Exchange: Sendable {
    let method: String
    let path: String
    let body: String?
    let status: Int
    /// Members that the answer must have, with exactly these values; lists have just these elements. nil for an empty body.
    let answer: String?
    let line: Int

    init(_ method: String, _ path: String, _ body: String? = nil, _ status: Int, _ answer: String?, line: Int = #line) {
        (self.method, self.path, self.body, self.status, self.answer, self.line) = (
            method, path, body, status, answer, line
        )
    }

    static func get(_ path: String, _ status: Int, _ answer: String?, line: Int = #line) -> Exchange {
        Exchange("GET", path, nil, status, answer, line: line)
    }

    static func post(_ path: String, _ body: String, _ status: Int, _ answer: String?, line: Int = #line) -> Exchange {
        Exchange("POST", path, body, status, answer, line: line)
    }

    /// Makes the requests one after the other and compares.
    static func check(_ exchanges: [Exchange], on server: ExampleServer) async throws {
        for exchange in exchanges {
            let response = try await server.call(exchange.method, exchange.path, exchange.body)
            let label = Comment("line \(exchange.line): \(exchange.method) \(exchange.path) answered \(response)")
            #expect(response.status == exchange.status, label)
            guard let answer = exchange.answer else {
                #expect(response.body.isEmpty, label)
                continue
            }
            let expected = try JSONSerialization.jsonObject(with: Data(answer.utf8))
            let actual = try? JSONSerialization.jsonObject(with: Data(response.body))
            #expect(contains(actual, expected), label)
        }
    }

    private static func contains(_ actual: Any?, _ expected: Any) -> Bool {
        switch (actual, expected) {
        case (let actual as [String: Any], let expected as [String: Any]):
            return expected.allSatisfy { contains(actual[$0.key], $0.value) }
        case (let actual as [Any], let expected as [Any]):
            return actual.count == expected.count && zip(actual, expected).allSatisfy { contains($0, $1) }
        case (let actual as NSObject, let expected as NSObject): return actual == expected
        default: return false
        }
    }
}

/// `{"success":false,"error":…}`
func refusal(_ error: String) -> String { #"{"success":false,"error":"\#(error)"}"# }

/// A validation's refusal with its one detail.
func invalid(_ detail: String) -> String {
    #"{"success":false,"error":"Validation failed","details":["\#(detail)"]}"#
}

/// `{"success":true,"message":"Success","data":…}`
func success(_ data: String) -> String { #"{"success":true,"message":"Success","data":\#(data)}"# }
