import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Gives back what only the start of the program needed.
///
/// Reading the configuration and the command line runs through much code once, and the kernel maps every page of it and
/// some around: more than half of an idle host's memory. The pages of program code are never written, so they can be
/// dropped; what is needed again comes back from the page cache.
enum StartUpMemory {
    static func giveBack() {
        guard let maps = FileManager.default.contents(atPath: "/proc/self/maps") else { return }
        for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
            guard let range = codeRange(line) else { continue }
            // Only advice: if the kernel declines, the pages simply stay.
            _ = madvise(UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count, MADV_DONTNEED)
        }
    }

    /// The addresses of a mapping of program code from a file: `55d0-55e0 r-xp 00001000 08:01 1234 /usr/bin/x`.
    private static func codeRange(_ line: Substring) -> Range<UInt>? {
        let fields = line.split(separator: " ", omittingEmptySubsequences: true)
        guard fields.count > 5, fields[1] == "r-xp", fields[5].hasPrefix("/") else { return nil }
        let bounds = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard bounds.count == 2, bounds[0] < bounds[1] else { return nil }
        return bounds[0]..<bounds[1]
    }
}
