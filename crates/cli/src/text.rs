//! Text from AWS, made safe to show: host names, tags and messages are written by strangers.

/// Control characters, escape sequences and marks that turn the direction of writing, taken out.
/// A line break becomes a space.
pub(crate) fn one_line(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\r' | '\t' => Some(' '),
        c if c.is_control() || turns_direction(c) => None,
        c => Some(c),
    };
    text.chars().filter_map(shown).collect()
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{061c}')
}

/// A cell that a spreadsheet would run as a formula is marked as text.
pub(crate) fn csv_cell(text: &str) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_cannot_write_to_the_terminal() {
        assert_eq!(one_line("web\u{1b}[2J\u{7}01\n\u{202e}x"), "web[2J01 x");
        assert_eq!(one_line("Zürich 日本"), "Zürich 日本");
    }

    #[test]
    fn a_tag_is_no_formula() {
        assert_eq!(csv_cell("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(csv_cell("web-01"), "web-01");
    }
}
