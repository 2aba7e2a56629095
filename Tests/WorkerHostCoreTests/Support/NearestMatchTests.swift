import Testing
import WorkerHostCore

@Suite struct NearestMatchTests {
    @Test(arguments: [
        ("timout", "timeout"), ("TimeOut", "timeout"), ("max-retries", "max_retries"), ("maxretries", "max_retries"),
        ("tiemout", "timeout"), ("mod", "mode"), ("modul", "module"),
    ])
    func near(word: String, expected: String) {
        #expect(NearestMatch.find(word, in: ["mode", "module", "timeout", "max_retries"]) == expected)
    }

    @Test func nothingNear() {
        #expect(NearestMatch.find("elephant", in: ["mode", "timeout"]) == nil)
        #expect(NearestMatch.find("", in: ["a"]) == nil)
        #expect(NearestMatch.find("a", in: [String]()) == nil)
    }

    @Test func distances() {
        #expect(NearestMatch.distance("", "abc") == 3)
        #expect(NearestMatch.distance("kitten", "sitting") == 3)
        #expect(NearestMatch.distance("ab", "ba") == 1)
    }
}
