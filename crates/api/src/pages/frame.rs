//! What all pages have in common: the frame around them, and the page of a failure.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use inventory::picture::{NotKnown, Picture};
use inventory::words::{ago, count, grouped, moment, turns_direction};
use jiff::Timestamp;

use super::assets::{ASSETS, Assets};
use super::link::Link;
use crate::failure::{ErrorCode, Failure};
use crate::site::Site;

/// Where a reader is. In the order of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Overview,
    Places,
    Servers,
    Changes,
    Removals,
    Unprotected,
    Accounts,
    Groups,
    Report,
}

impl Section {
    const ALL: [(Self, &'static str, &'static str); 9] = [
        (Self::Overview, "/", "Overview"),
        (Self::Places, "/pages/places", "Accounts × regions"),
        (Self::Servers, "/pages/servers", "Servers"),
        (Self::Changes, "/pages/changes", "Changes"),
        (Self::Removals, "/pages/removals", "Removals"),
        (Self::Unprotected, "/pages/unprotected", "Unprotected"),
        (Self::Accounts, "/pages/accounts", "Accounts"),
        (Self::Groups, "/pages/groups", "Groups and plans"),
        (Self::Report, "/pages/report", "Report"),
    ];
}

/// An entry of the navigation.
pub(super) struct Entry {
    pub(super) path: &'static str,
    pub(super) name: &'static str,
    pub(super) is_here: bool,
}

/// What stands around every page.
pub(super) struct Frame {
    pub(super) assets: &'static Assets,
    pub(super) entries: Vec<Entry>,
    pub(super) allows_changes: bool,
}

impl Frame {
    /// Of a page in this section.
    pub(super) fn of(site: &Site, here: Section) -> Self {
        Self { allows_changes: site.allows_changes(), ..Self::anywhere(Some(here)) }
    }

    fn anywhere(here: Option<Section>) -> Self {
        let entries = Section::ALL.into_iter().map(|(section, path, name)| Entry {
            path,
            name,
            is_here: Some(section) == here,
        });
        Self { assets: &ASSETS, entries: entries.collect(), allows_changes: false }
    }
}

/// A page, or why there is none.
pub(super) type Shown = Result<Response, PageFailure>;

/// The page of a template.
pub(super) fn show(page: &impl Template) -> Shown {
    let html = page.render().map_err(|error| {
        let message = format!("the page could not be made: {error}");
        Failure::new(ErrorCode::InternalError, message)
    })?;
    Ok(Html(readable(html)).into_response())
}

/// As on a terminal, nothing that a stranger wrote turns what stands beside it around, or is not seen.
/// What is left has no other markup than before: it is escaped, and the marks stand in no entity.
fn readable(html: String) -> String {
    let is_unseen = |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || turns_direction(c);
    if html.contains(is_unseen) { html.replace(is_unseen, "") } else { html }
}

/// After a change: the browser asks for another page, so that it does not send the form twice.
pub(super) fn go_to(link: &Link) -> Shown {
    let location = HeaderValue::from_str(&link.to_string())
        .map_err(|_| Failure::new(ErrorCode::InternalError, "the next page has no address"))?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}

/// A failure as a page.
pub(super) struct PageFailure(Failure);

impl<E: Into<Failure>> From<E> for PageFailure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage<'a> {
    frame: Frame,
    failure: &'a Failure,
    code: &'static str,
    what_to_do: Option<&'a str>,
}

impl IntoResponse for PageFailure {
    fn into_response(self) -> Response {
        let Self(failure) = self;
        let code = failure.code.name();
        let details = failure.details.as_ref();
        let what_to_do = details.and_then(|details| details.get("whatToDo")?.as_str());
        let page =
            FailurePage { frame: Frame::anywhere(None), failure: &failure, code, what_to_do };
        let status = failure.code.status();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match page.render() {
            Ok(html) => (status, Html(readable(html))).into_response(),
            Err(_) => (status, failure.message.clone()).into_response(),
        }
    }
}

/// As of when a page is, and what it could not know.
pub(super) struct Strip {
    /// As in `2026-11-28 02:09 UTC (3 m ago)`; none where no sync has ended.
    pub(super) as_of: Option<String>,
    pub(super) not_known: Vec<NotKnownLine>,
    /// Things that are not known beside those that are named.
    pub(super) more: Option<String>,
}

/// One thing that is not known.
pub(super) struct NotKnownLine {
    pub(super) place: String,
    pub(super) account: Option<Link>,
    pub(super) why: String,
    /// How many servers it is about, and which; none where it is about none.
    pub(super) servers: Option<(String, Link)>,
    pub(super) what_to_do: Link,
}

impl Strip {
    /// The first `most` things that are not known, the most servers first.
    pub(super) fn of(picture: &Picture, most: usize, now: Timestamp) -> Self {
        let as_of = picture.as_of.as_deref();
        let mut not_known: Vec<&NotKnown> = picture.not_known.iter().collect();
        not_known.sort_by_key(|it| (it.account_id.is_some(), std::cmp::Reverse(it.servers)));
        let left = not_known.len().saturating_sub(most);
        let more =
            (left > 0 || picture.is_cut).then(|| format!("and {} more", grouped(left as u64)));
        Self {
            as_of: as_of.map(|time| format!("{} ({} ago)", moment(time), ago(as_of, now))),
            not_known: not_known.into_iter().take(most).map(NotKnownLine::of).collect(),
            more,
        }
    }
}

impl NotKnownLine {
    pub(super) fn of(it: &NotKnown) -> Self {
        let account = it.account_id.as_deref();
        let servers = (it.servers > 0).then(|| {
            let region = it.region.as_deref();
            let list = match account {
                Some(account) => Link::listed_in(account, region),
                None => Link::servers().with_some("region", region),
            };
            (count(it.servers, "server"), list.with("verdict", "UNKNOWN"))
        });
        Self {
            place: it.place_in_words(),
            account: account.map(Link::account),
            why: it.why_in_words(),
            servers,
            what_to_do: Link::what_to_do(it.why.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn a_name_reads_as_it_is_written() {
        for (html, shown) in [
            ("<bdi>evil\u{202e}gnp.exe\u{2066}\u{2069}</bdi>", "<bdi>evilgnp.exe</bdi>"),
            ("web\u{1b}[2J\u{7}-01\n\tx", "web[2J-01\n\tx"),
            ("&#38;\u{202e}#60;b&#62;", "&#38;#60;b&#62;"),
            ("Zürich 日本 עברית", "Zürich 日本 עברית"),
        ] {
            assert_eq!(readable(html.to_owned()), shown, "{html:?}");
        }
    }
}
