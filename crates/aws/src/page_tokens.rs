//! Lists that end: the page tokens of one listing.
//!
//! The SDK's paginators take a token that comes twice in a row for the end of the list, and go
//! round for ever where two take turns.

use std::collections::HashSet;

use super::service_error::{REPEATED_TOKEN, ServiceError, TOO_MANY_PAGES};

/// Pages of one listing at most. DRS has 300 servers per account and region, EC2 1,000 instances
/// a page.
const MAX_PAGES: usize = 1_000;

/// The tokens that one listing had so far.
#[derive(Debug)]
pub struct PageTokens {
    seen: HashSet<String>,
    max_pages: usize,
}

impl PageTokens {
    /// Of a listing of at most 1,000 pages.
    pub fn of_listing() -> Self {
        Self { seen: HashSet::new(), max_pages: MAX_PAGES }
    }

    /// Of a table of any size. The keys of a table are its tokens: without one that comes again,
    /// it ends.
    pub fn of_table() -> Self {
        Self { seen: HashSet::new(), max_pages: usize::MAX }
    }

    /// The token to ask the next page with, none after the last page.
    ///
    /// # Errors
    /// The token was there before, or the listing has too many pages.
    pub fn next(&mut self, token: Option<String>) -> Result<Option<String>, ServiceError> {
        let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(None) };
        let page = self.seen.len() + 1;
        if page >= self.max_pages {
            let message = format!("the list does not end: more than {page} pages");
            return Err(ServiceError::Unusable { code: TOO_MANY_PAGES, message });
        }
        if !self.seen.insert(token.clone()) {
            let message =
                format!("the list does not end: page {page} leads back to an earlier one");
            return Err(ServiceError::Unusable { code: REPEATED_TOKEN, message });
        }
        Ok(Some(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_may_have_any_number_of_pages_but_none_twice() {
        let mut tokens = PageTokens::of_table();
        for page in 0..3 * MAX_PAGES {
            assert!(tokens.next(Some(page.to_string())).unwrap().is_some());
        }
        assert_eq!(tokens.next(None).unwrap(), None);
        assert_eq!(tokens.next(Some("7".to_owned())).unwrap_err().code(), REPEATED_TOKEN);
    }
}
