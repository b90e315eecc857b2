//! Everything in a table, or under one key of an index, page by page.

use std::collections::BTreeMap;

use aws::{PageTokens, ServiceError, service_error};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::scan::builders::ScanFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;

use super::Table;
use crate::item::{Item, QueryError};

/// What is read page by page.
#[derive(Debug, Clone)]
pub struct Listing {
    table: String,
    request: Request,
}

#[derive(Debug, Clone)]
enum Request {
    Scan(Box<ScanFluentBuilder>),
    Query(Box<QueryFluentBuilder>),
}

/// Up to 1 MB of a listing. Source: DynamoDB quotas.
#[derive(Debug)]
pub struct Page {
    /// In the order of the table or index.
    pub items: Vec<Item>,
    /// Whether no page follows.
    pub is_last: bool,
}

/// The pages of one listing, one after the other.
#[derive(Debug)]
pub struct Pages {
    listing: Listing,
    tokens: PageTokens,
    next: Next,
}

#[derive(Debug)]
enum Next {
    /// After this key; none for the first page of all.
    After(Option<Item>),
    Nothing,
}

impl Listing {
    /// Every row of the table.
    pub fn of_table(table: &Table) -> Self {
        Self::of_scan(table.client.scan().table_name(&table.name))
    }

    /// Every row of the table, the latest writes included; costs twice as much.
    pub fn of_table_as_it_is_now(table: &Table) -> Self {
        Self::of_scan(table.client.scan().table_name(&table.name).consistent_read(true))
    }

    /// The rows of an index whose partition key `attribute` is `value`.
    pub fn of_index(table: &Table, index: &str, attribute: &str, value: &str) -> Self {
        let query = table
            .client
            .query()
            .table_name(&table.name)
            .index_name(index)
            .key_condition_expression("#key = :value")
            .expression_attribute_names("#key", attribute)
            .expression_attribute_values(":value", AttributeValue::S(value.to_owned()));
        Self::of_query(query)
    }

    /// The rows whose partition key `attribute` is `value`, the latest writes included.
    pub fn of_partition(table: &Table, attribute: &str, value: &str) -> Self {
        let query = table
            .client
            .query()
            .table_name(&table.name)
            .consistent_read(true)
            .key_condition_expression("#key = :value")
            .expression_attribute_names("#key", attribute)
            .expression_attribute_values(":value", AttributeValue::S(value.to_owned()));
        Self::of_query(query)
    }

    /// Every row of an index.
    pub fn of_whole_index(table: &Table, index: &str) -> Self {
        Self::of_scan(table.client.scan().table_name(&table.name).index_name(index))
    }

    /// Of these rows only those whose text `attribute` has `part` in it. DynamoDB reads all of them,
    /// and sends no others.
    #[must_use]
    pub fn containing(mut self, attribute: &str, part: &str) -> Self {
        const CONTAINS: &str = "contains(#attribute, :part)";
        let part = AttributeValue::S(part.to_owned());
        self.request = match self.request {
            Request::Scan(scan) => Request::Scan(Box::new(
                scan.filter_expression(CONTAINS)
                    .expression_attribute_names("#attribute", attribute)
                    .expression_attribute_values(":part", part),
            )),
            Request::Query(query) => Request::Query(Box::new(
                query
                    .filter_expression(CONTAINS)
                    .expression_attribute_names("#attribute", attribute)
                    .expression_attribute_values(":part", part),
            )),
        };
        self
    }

    /// Of the rows under a key those whose sort key is in `range`, its ends included, the last first,
    /// at most so many on a page. A listing of a whole table or index has no order; it stays as it is.
    #[must_use]
    pub fn last_first(self, sort_key: &str, range: (&str, &str), page: i32) -> Self {
        self.in_range(sort_key, range, |query| query.scan_index_forward(false).limit(page))
    }

    /// As [`Listing::last_first`], the first first.
    #[must_use]
    pub fn first_first(self, sort_key: &str, range: (&str, &str), page: i32) -> Self {
        self.in_range(sort_key, range, |query| query.scan_index_forward(true).limit(page))
    }

    /// Of the rows of a table or index those that `expression` lets through, with names and values as it
    /// has them. DynamoDB reads all of them, and sends no others.
    #[must_use]
    pub fn only(
        mut self,
        expression: &str,
        names: &[(&str, &str)],
        values: &[(&str, AttributeValue)],
    ) -> Self {
        if let Request::Query(query) = self.request {
            let mut query = query.filter_expression(expression);
            for (placeholder, name) in names {
                query = query.expression_attribute_names(*placeholder, *name);
            }
            for (placeholder, value) in values {
                query = query.expression_attribute_values(*placeholder, value.clone());
            }
            self.request = Request::Query(Box::new(query));
        }
        self
    }

    /// At most so many rows on a page.
    fn set_page(&mut self, rows: i32) {
        match &mut self.request {
            Request::Scan(scan) => **scan = scan.clone().limit(rows),
            Request::Query(query) => **query = query.clone().limit(rows),
        }
    }

    fn in_range(
        self,
        sort_key: &str,
        range: (&str, &str),
        order: impl Fn(QueryFluentBuilder) -> QueryFluentBuilder,
    ) -> Self {
        let Request::Query(query) = self.request else { return self };
        let value = |text: &str| AttributeValue::S(text.to_owned());
        let query = query
            .key_condition_expression("#key = :value AND #sort BETWEEN :from AND :to")
            .expression_attribute_names("#sort", sort_key)
            .expression_attribute_values(":from", value(range.0))
            .expression_attribute_values(":to", value(range.1));
        Self { table: self.table, request: Request::Query(Box::new(order(query))) }
    }

    fn of_scan(scan: ScanFluentBuilder) -> Self {
        let table = scan.get_table_name().clone().unwrap_or_default();
        Self { table, request: Request::Scan(Box::new(scan)) }
    }

    fn of_query(query: QueryFluentBuilder) -> Self {
        let table = query.get_table_name().clone().unwrap_or_default();
        Self { table, request: Request::Query(Box::new(query)) }
    }

    /// The pages after `start`, the key of a row; from the first where there is none.
    pub fn pages(self, start: Option<Item>) -> Pages {
        Pages { listing: self, tokens: PageTokens::of_table(), next: Next::After(start) }
    }

    /// Every row, of every page.
    ///
    /// # Errors
    /// As [`Pages::next`]; half a list is never returned.
    pub async fn every_item(self) -> Result<Vec<Item>, QueryError> {
        let (mut items, mut pages) = (Vec::new(), self.pages(None));
        while let Some(page) = pages.next().await? {
            items.extend(page.items);
        }
        Ok(items)
    }

    /// The rows after `start`, and the key that the next page starts after.
    async fn send(&self, start: Option<Item>) -> Result<(Vec<Item>, Option<Item>), ServiceError> {
        let (items, last) = match self.request.clone() {
            Request::Scan(scan) => {
                let answer = scan.set_exclusive_start_key(start).send().await;
                let page = answer.map_err(|error| service_error(&error))?;
                (page.items, page.last_evaluated_key)
            }
            Request::Query(query) => {
                let answer = query.set_exclusive_start_key(start).send().await;
                let page = answer.map_err(|error| service_error(&error))?;
                (page.items, page.last_evaluated_key)
            }
        };
        Ok((items.unwrap_or_default(), last))
    }
}

impl Pages {
    /// The next page; none after the last.
    ///
    /// # Errors
    /// [`QueryError`] names the table: DynamoDB refused, or its pages do not end.
    pub async fn next(&mut self) -> Result<Option<Page>, QueryError> {
        let table = self.listing.table.clone();
        self.read().await.map_err(|source| QueryError { table, source })
    }

    /// As [`Pages::next`], with at most `rows` rows looked at.
    ///
    /// # Errors
    /// As [`Pages::next`].
    pub async fn next_of(&mut self, rows: i32) -> Result<Option<Page>, QueryError> {
        self.listing.set_page(rows);
        self.next().await
    }

    async fn read(&mut self) -> Result<Option<Page>, ServiceError> {
        let Next::After(start) = std::mem::replace(&mut self.next, Next::Nothing) else {
            return Ok(None);
        };
        let (items, last) = self.listing.send(start).await?;
        let is_last = self.tokens.next(last.as_ref().map(token))?.is_none();
        if !is_last {
            self.next = Next::After(last);
        }
        Ok(Some(Page { items, is_last }))
    }
}

/// Every row of a table.
///
/// # Errors
/// [`QueryError`] names the table.
pub async fn scan(table: &Table) -> Result<Vec<Item>, QueryError> {
    Listing::of_table(table).every_item().await
}

/// Every page of a scan.
///
/// # Errors
/// What DynamoDB answered, or that its pages do not end; half a table is never returned.
pub async fn scan_every_item(scan: ScanFluentBuilder) -> Result<Vec<Item>, ServiceError> {
    Listing::of_scan(scan).every_item().await.map_err(|error| error.source)
}

/// Every page of a query.
///
/// # Errors
/// As [`scan_every_item`].
pub async fn query_every_item(query: QueryFluentBuilder) -> Result<Vec<Item>, ServiceError> {
    Listing::of_query(query).every_item().await.map_err(|error| error.source)
}

/// A key as a text that is equal where the key is; none for the empty key, which leads nowhere.
fn token(key: &Item) -> String {
    let attributes: BTreeMap<_, _> = key.iter().collect();
    if attributes.is_empty() { String::new() } else { format!("{attributes:?}") }
}
