/// What fences a lease: the host that holds it, and how often the task was claimed by then.
///
/// The text is `host-id:7`. A later claim has a larger number, so an outdated report is recognised.
struct LeaseToken {
    let owner: String
    let claim: Int64

    init(owner: String, claim: Int64) {
        self.owner = owner
        self.claim = claim
    }

    /// nil if the text is no token of this adapter.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let claim = Int64(text[text.index(after: colon)...]) else {
            return nil
        }
        self.init(owner: String(text[..<colon]), claim: claim)
    }

    var text: String { "\(owner):\(claim)" }
}
