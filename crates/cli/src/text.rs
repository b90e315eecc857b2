//! Text from AWS, made safe to show: host names, tags and messages are written by strangers.

pub(crate) use inventory::words::csv_cell;

use inventory::words::turns_direction;

const ESCAPE: char = '\u{1b}';
const BELL: char = '\u{7}';

/// For one cell or one line: as [`for_terminal`], and a line break becomes a space.
pub(crate) fn one_line(text: &str) -> String {
    let shown = text.replace(['\n', '\r', '\t', '\u{2028}', '\u{2029}'], " ");
    for_terminal(&shown)
}

/// Control characters, escape sequences and marks that turn the direction of writing, taken out.
/// Line breaks and tabs stay.
pub(crate) fn for_terminal(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            ESCAPE => rest = after_escape(rest),
            '\u{9b}' => rest = after_parameters(rest),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => rest = after_string(rest),
            '\n' | '\t' => shown.push(c),
            c if c.is_control() || turns_direction(c) => {}
            c => shown.push(c),
        }
    }
    shown
}

/// What follows an escape sequence. Source: ECMA-48, 5.3 to 5.6.
fn after_escape(rest: &str) -> &str {
    match rest.chars().next() {
        Some('[') => after_parameters(&rest[1..]),
        Some(']' | 'P' | 'X' | '^' | '_') => after_string(&rest[1..]),
        _ => {
            let rest = rest.trim_start_matches(|c| matches!(c, ' '..='/'));
            rest.strip_prefix(|c| matches!(c, '0'..='~')).unwrap_or(rest)
        }
    }
}

fn after_parameters(rest: &str) -> &str {
    let rest = rest.trim_start_matches(|c| matches!(c, ' '..='?'));
    rest.strip_prefix(|c| matches!(c, '@'..='~')).unwrap_or(rest)
}

/// A string that its own line does not end is shown: a host name must not hide other rows.
fn after_string(rest: &str) -> &str {
    let line = rest.split('\n').next().unwrap_or_default();
    match line.find([BELL, '\u{9c}', ESCAPE]) {
        None => rest,
        Some(end) => {
            let end = &rest[end..];
            end.strip_prefix("\u{1b}\\")
                .or_else(|| end.strip_prefix([BELL, '\u{9c}']))
                .unwrap_or(end)
        }
    }
}

/// As a shell takes it.
pub(crate) fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// What a suggested command needs so that it means the store of this one.
pub(crate) fn store_option(store: Option<&str>) -> String {
    store.map_or_else(String::new, |store| format!(" --store {}", shell_word(store)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_cannot_write_to_the_terminal() {
        for (text, shown) in [
            ("web\u{1b}[2J\u{7}01\n\u{202e}x", "web01 x"),
            ("a\u{1b}]0;owned\u{7}b", "ab"),
            ("a\u{1b}]8;;http://x\u{1b}\\b", "ab"),
            ("a\u{9b}31mb\u{9d}0;t\u{9c}c", "abc"),
            ("a\u{1b}(Bb\u{1b}7c\u{1b}", "abc"),
            ("a\u{1b}[31\u{1b}[32mb", "ab"),
            ("Zürich 日本", "Zürich 日本"),
        ] {
            assert_eq!(one_line(text), shown, "{text:?}");
            assert_eq!(one_line(shown), shown);
        }
    }

    #[test]
    fn a_row_cannot_hide_the_next() {
        let text = "a\u{1b}]0;x\nhidden?\n\u{7}b\tc\n";
        assert_eq!(for_terminal(text), "a0;x\nhidden?\nb\tc\n");
    }

    #[test]
    fn a_tag_is_no_formula() {
        assert_eq!(csv_cell("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(csv_cell("web-01"), "web-01");
    }

    #[test]
    fn a_path_stays_one_word() {
        assert_eq!(shell_word("/a/b.db"), "/a/b.db");
        assert_eq!(shell_word("my file's"), "'my file'\\''s'");
        assert_eq!(store_option(None), "");
    }
}
