/// What the TaskManager's API is asked for.
enum Endpoint: Sendable, Hashable, CaseIterable {
    /// `GET /health`
    case health
    /// `POST /task-types/register`
    case registerType
    /// `GET /task-types/{name}`
    case readType
    /// `POST /tasks`
    case createTask
    /// `POST /tasks/claim`
    case claim
    /// `POST /tasks/{id}/progress`
    case progress
    /// `POST /tasks/{id}/complete`
    case complete
    /// `GET /tasks/{id}`
    case readTask
    /// `GET /tasks?…`
    case listTasks
}
