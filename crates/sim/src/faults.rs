//! Which call gets a fault instead of an answer.

use std::collections::HashMap;

use crate::world::Fault;

/// What a fault is counted by: service, account, and region or role.
pub(crate) type FaultKey = (&'static str, String, String);

/// How often each fault was dealt.
#[derive(Debug, Default)]
pub(crate) struct Faults(HashMap<FaultKey, u64>);

impl Faults {
    /// The fault that a call for `page` (from 1) gets, if any.
    ///
    /// `count` counts the calls that got the fault, so that with `afterPages` the pages served
    /// before do not use it up.
    pub(crate) fn deal<'a>(
        &mut self,
        key: FaultKey,
        fault: Option<&'a Fault>,
        page: u64,
    ) -> Option<&'a Fault> {
        let fault = fault?;
        if page <= fault.after_pages.unwrap_or(0) {
            return None;
        }
        let dealt = self.0.entry(key).or_default();
        if fault.count.is_some_and(|count| *dealt >= count) {
            return None;
        }
        *dealt += 1;
        Some(fault)
    }
}
