import WorkerHostCore

/// Brings a batch of reports to the API: all that are open are sent at once, until each is answered.
struct ReportRounds {
    private let client: HTTPClient
    private let pace: Pace
    private let otherWorker: @Sendable (TaskReport, String) -> String?
    private var courses: [ReportCourse]
    private var answers: [Acknowledgement?]
    /// What is to be sent, by the report's place.
    private var open: [(index: Int, endpoint: Endpoint, request: HTTPRequest)] = []
    private var isToWait = false
    private var firstError: HTTPError?
    /// Whether the server has answered anything.
    private var isAnswered = false

    /// - Parameter otherWorker: the claim of a report's task that was made after the one that it was refused under.
    init(
        _ reports: [TaskReport], workers: [String], client: HTTPClient, pace: Pace,
        otherWorker: @escaping @Sendable (TaskReport, String) -> String?
    ) {
        self.otherWorker = otherWorker
        self.client = client
        self.pace = pace
        courses = zip(reports, workers).map { ReportCourse($0, worker: $1) }
        answers = Array(repeating: nil, count: reports.count)
    }

    /// Under which claims the reports were told.
    var workers: [String] { courses.map(\.worker) }

    /// - Throws: ``HTTPError`` when nothing is known about any of the reports.
    mutating func run() async throws -> [Acknowledgement] {
        for index in courses.indices { take(courses[index].begin(), index) }
        var round = 0
        while !open.isEmpty {
            round += 1
            if isToWait { await wait(round) }
            isToWait = false
            let sent = open
            open.removeAll(keepingCapacity: true)
            let results = await client.send(sent.map(\.request))
            var contentions = 0
            for (order, result) in zip(sent, results) {
                contentions += take(order, result) ? 1 : 0
            }
            pace.note(answers: results.count, contentions: contentions)
        }
        if !isAnswered, let firstError { throw firstError }
        return answers.map { $0 ?? .later(reason: "no answer came", after: nil) }
    }

    /// Takes an answer in; says whether it was one of a database that had to give way.
    private mutating func take(
        _ order: (index: Int, endpoint: Endpoint, request: HTTPRequest), _ result: Result<HTTPResponse, HTTPError>
    ) -> Bool {
        switch result {
        case .failure(let error):
            firstError = firstError ?? error
            answers[order.index] = .later(reason: error.description, after: nil)
            return false
        case .success(let response):
            isAnswered = true
            let verdict = Judge.verdict(order.endpoint, response)
            take(courses[order.index].answered(verdict, body: response.body), order.index)
            if case .contention = verdict { return true }
            return false
        }
    }

    private mutating func take(_ step: ReportCourse.Step, _ index: Int) {
        switch step {
        case .send(let endpoint, let request): open.append((index, endpoint, request))
        case .sendAgain(let endpoint, let request):
            isToWait = true
            open.append((index, endpoint, request))
        case .ended(.leaseLost):
            // This host may have claimed the task again while the report was on its way.
            let course = courses[index]
            if let other = otherWorker(course.report, course.worker) {
                courses[index] = ReportCourse(course.report, worker: other)
                take(courses[index].begin(), index)
            } else {
                answers[index] = .leaseLost
            }
        case .ended(let answer):
            isAnswered = isAnswered || answer == .accepted
            answers[index] = answer
        }
    }

    /// Those that met in a deadlock do not meet again at once.
    private func wait(_ round: Int) async {
        let backoff = Backoff.exponentialJitter(initial: .milliseconds(20), cap: .milliseconds(500))
        let delay = backoff.delay(afterAttempt: round, random: .random(in: 0.2..<1))
        // Cancelled means that whoever reports is in a hurry: the next round then ends by itself.
        do { try await Task.sleep(for: delay) } catch { return }
    }
}
