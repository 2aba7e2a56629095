/// Which workers name the same task type: the first runs it, the others only while that one cannot be started.
struct SharedTypesCheck {
    let workers: [WorkerConfiguration]

    func run() -> [Diagnosis] {
        var names: [String: [String]] = [:]
        var order: [String] = []
        for worker in workers {
            for type in worker.taskTypes {
                if names[type] == nil { order.append(type) }
                names[type, default: []].append(worker.name)
            }
        }
        return order.compactMap { type in
            guard let sharers = names[type], sharers.count > 1 else { return nil }
            let others = DoctorText.list(Array(sharers.dropFirst()))
            return Diagnosis(
                .warning, id: "workers.shared_type", subject: "workers",
                "\(DoctorText.list(sharers)) name the task type '\(type)': '\(sharers[0])' runs it, \(others) only "
                    + "while that cannot be started",
                advice: "Take the type off the others, unless they are meant as its fallback.",
                facts: ["type": .text(type), "workers": .list(sharers)])
        }
    }
}
