import WorkerHostCore

/// Writes the API's request bodies as bytes.
enum RequestBodies {
    static func claim(worker: String, type: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64 + worker.utf8.count)
        bytes.append(contentsOf: #"{"worker_id":"#.utf8)
        JSONText.append(worker, to: &bytes)
        bytes.append(contentsOf: #","task_type_id":"#.utf8)
        number(type, to: &bytes)
        bytes.append(0x7D)
        return bytes
    }

    static func success(worker: String, result: RawJSON) -> [UInt8] {
        var bytes = head(worker, isSuccess: true, room: result.bytes.count)
        bytes.append(contentsOf: #","result":"#.utf8)
        ResultText.append(result, to: &bytes)
        bytes.append(0x7D)
        return bytes
    }

    static func failure(worker: String, error: String) -> [UInt8] {
        var bytes = head(worker, isSuccess: false, room: error.utf8.count)
        bytes.append(contentsOf: #","error":"#.utf8)
        JSONText.append(error, to: &bytes)
        bytes.append(0x7D)
        return bytes
    }

    static func progress(worker: String, percent: Int, message: String?) -> [UInt8] {
        var bytes: [UInt8] = Array(#"{"worker_id":"#.utf8)
        JSONText.append(worker, to: &bytes)
        bytes.append(contentsOf: #","progress":\#(max(0, min(100, percent)))"#.utf8)
        if let message {
            bytes.append(contentsOf: #","message":"#.utf8)
            JSONText.append(message, to: &bytes)
        }
        bytes.append(0x7D)
        return bytes
    }

    static func registration(_ type: TaskTypeRegistration) -> [UInt8] {
        var bytes: [UInt8] = Array(#"{"name":"#.utf8)
        JSONText.append(type.name, to: &bytes)
        bytes.append(contentsOf: #","version":"#.utf8)
        JSONText.append(type.version, to: &bytes)
        bytes.append(contentsOf: #","param_schema":"#.utf8)
        bytes.append(contentsOf: type.schema.bytes)
        bytes.append(0x7D)
        return bytes
    }

    static func creation(type: String, params: RawJSON) -> [UInt8] {
        var bytes: [UInt8] = Array(#"{"type":"#.utf8)
        JSONText.append(type, to: &bytes)
        bytes.append(contentsOf: #","params":"#.utf8)
        bytes.append(contentsOf: params.bytes)
        bytes.append(0x7D)
        return bytes
    }

    private static func head(_ worker: String, isSuccess: Bool, room: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(96 + worker.utf8.count + room)
        bytes.append(contentsOf: #"{"worker_id":"#.utf8)
        JSONText.append(worker, to: &bytes)
        // PHP takes the text "false" for true: a real boolean.
        bytes.append(contentsOf: (isSuccess ? #","success":true"# : #","success":false"#).utf8)
        return bytes
    }

    /// An id as the server gave it: a number stays one.
    private static func number(_ id: String, to bytes: inout [UInt8]) {
        if !id.isEmpty, id.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            bytes.append(contentsOf: id.utf8)
        } else {
            JSONText.append(id, to: &bytes)
        }
    }
}
