//! A table as GitHub shows it. Text from AWS is written by strangers: it can neither leave its cell nor
//! become a link, HTML, a mention of somebody, or anything but itself.

use std::fmt::Write;

/// One line of a table.
pub(crate) fn line(cells: impl Iterator<Item = String>) -> String {
    let mut line = String::from("|");
    for cell in cells {
        // Writing to a string cannot fail.
        let _ = write!(line, " {cell} |");
    }
    line + "\n"
}

/// The text of one line, so that it is shown as it is.
///
/// Whatever ends a cell or begins something is written as a character reference, which never does either
/// (CommonMark 0.31, 2.5). No reference keeps GitHub from looking for addresses, mentions and issues in the
/// text that comes out of it; an empty comment behind `@` and `#` does.
pub(crate) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        // Writing to a string cannot fail.
        let _ = match c {
            '@' | '#' => write!(shown, "&#{};<!-- -->", u32::from(c)),
            _ if begins_something(c, before, rest) => write!(shown, "&#{};", u32::from(c)),
            _ => write!(shown, "{c}"),
        };
        before = c;
    }
    shown
}

fn begins_something(c: char, before: char, rest: &str) -> bool {
    match c {
        '\\' | '|' | '`' | '<' | '>' | '&' | '[' | ']' | '!' | '*' | '~' | '$' | '{' | '}'
        | '^' => true,
        // Within a word it is nothing: AT_RISK.
        '_' => !(before.is_alphanumeric() && rest.starts_with(char::is_alphanumeric)),
        // `https://…` and `//…`; times keep their colons.
        ':' => rest.starts_with('/'),
        '/' => before == '/',
        // `www.…`.
        '.' => before.eq_ignore_ascii_case(&'w'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_times_and_codes_stay_readable() {
        for text in [
            "web-01.example.com",
            "2026-11-25T10:00:00.123456+00:00",
            "lag 42 m of 15 m",
            "LAG_ABOVE_RPO (2.8×)",
            "222222222222/eu-west-1",
            "Zürich 日本",
            "31 d, ok",
        ] {
            assert_eq!(escaped(text), text);
        }
    }

    #[test]
    fn nothing_leaves_its_cell_or_becomes_something_else() {
        for (text, shown) in [
            ("a|b", "a&#124;b"),
            ("a\\|b", "a&#92;&#124;b"),
            ("`x`", "&#96;x&#96;"),
            ("<b>&amp;", "&#60;b&#62;&#38;amp;"),
            ("[x](https://evil)", "&#91;x&#93;(https&#58;/&#47;evil)"),
            ("WWW.evil.com", "WWW&#46;evil.com"),
            ("a@b.c", "a&#64;<!-- -->b.c"),
            ("#12", "&#35;<!-- -->12"),
            ("_x_", "&#95;x&#95;"),
            ("![x](y)", "&#33;&#91;x&#93;(y)"),
        ] {
            assert_eq!(escaped(text), shown);
        }
    }

    #[test]
    fn a_line_has_as_many_cells_as_it_is_given() {
        let cells = ["a|b", "", "c"].map(escaped);
        assert_eq!(line(cells.into_iter()), "| a&#124;b |  | c |\n");
    }
}
