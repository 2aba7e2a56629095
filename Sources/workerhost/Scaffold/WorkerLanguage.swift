import ArgumentParser

/// The languages that there are templates for.
enum WorkerLanguage: String, CaseIterable, ExpressibleByArgument {
    case python
    case node
    case bash

    /// The file that holds the worker's work.
    var workerFile: String {
        switch self {
        case .python: "worker.py"
        case .node: "worker.mjs"
        case .bash: "worker.sh"
        }
    }

    /// The file that holds its test.
    var testFile: String {
        switch self {
        case .python: "test_worker.py"
        case .node: "worker.test.mjs"
        case .bash: "test_worker.sh"
        }
    }

    /// The worker and its test, as the files in `Resources` hold them.
    var templates: (worker: [UInt8], test: [UInt8]) {
        switch self {
        case .python: (PackageResources.worker_py, PackageResources.test_worker_py)
        case .node: (PackageResources.worker_mjs, PackageResources.worker_test_mjs)
        case .bash: (PackageResources.worker_sh, PackageResources.test_worker_sh)
        }
    }
}
