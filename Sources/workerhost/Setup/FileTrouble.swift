import Foundation

/// Why Foundation could not do something with a file.
enum FileTrouble {
    /// The errno in words where there is one: Foundation's own descriptions are long and name its domains.
    static func reason(_ error: any Error) -> String {
        let error = error as NSError
        guard let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError, cause.domain == NSPOSIXErrorDomain else {
            return error.localizedDescription
        }
        return String(cString: strerror(Int32(truncatingIfNeeded: cause.code)))
    }
}
