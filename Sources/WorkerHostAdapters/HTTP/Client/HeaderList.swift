import CCurl

/// Header lines in libcurl's form.
///
/// `@unchecked`: never changed once it is made.
final class HeaderList: @unchecked Sendable {
    let lines: [String]
    let pointer: UnsafeMutablePointer<curl_slist>?

    /// Lines written `Name: value`.
    init(_ lines: [String]) {
        self.lines = lines
        var list: UnsafeMutablePointer<curl_slist>?
        // Without memory for a line the list stays as it is: the server then refuses what it misses.
        for line in lines { list = curl_slist_append(list, line) ?? list }
        pointer = list
    }

    deinit { curl_slist_free_all(pointer) }
}
