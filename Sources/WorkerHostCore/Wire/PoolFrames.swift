/// What the host writes to a pooled worker.
struct PoolFrames: Sendable {
    let format: WorkerConfiguration.Format

    /// How what the worker writes is cut into frames.
    var framing: Framing {
        switch format {
        case .json: .lines
        case .msgpack: .lengthPrefix
        }
    }

    /// A task.
    /// - Throws: ``MessagePackEncodingError`` for parameters that the format cannot hold.
    func task(_ task: WorkerTask) throws(MessagePackEncodingError) -> [UInt8] {
        switch format {
        case .json: TaskEnvelope.encode(task)
        case .msgpack: try MessagePackEnvelope.encode(task)
        }
    }

    /// Asks for the early end of a task; empty for an id that cannot be written.
    func cancel(_ id: String) -> [UInt8] {
        switch format {
        case .json:
            var frame = Array(#"{"control":"cancel","id":"#.utf8)
            JSONText.append(id, to: &frame)
            return frame + Array("}\n".utf8)
        case .msgpack:
            // The process is ended after its grace in any case.
            do throws(MessagePackEncodingError) { return try MessagePackEnvelope.cancel(id) } catch { return [] }
        }
    }
}
