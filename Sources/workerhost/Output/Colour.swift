/// The colours that are used.
enum Colour: String {
    case red = "31"
    case green = "32"
    case yellow = "33"
    case blue = "34"
    case faint = "2"
    case bold = "1"

    /// The text in this colour, if the terminal shows colours.
    func paint(_ text: String, on terminal: Terminal) -> String {
        terminal.hasColour ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
