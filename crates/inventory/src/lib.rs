//! One inventory of all AWS Elastic Disaster Recovery (DRS) source servers of a company.
//!
//! The sync reads as a story, top to bottom, in [`sync`]:
//!
//! ```text
//! target-accounts ─▶ collect_accounts_to_query ─▶ for each account, bounded:
//!                      get_account_credentials      STS, cached
//!                      query_drs_all_regions        get_active_regions ─▶ query_drs_single_region
//!                      enrich_with_ec2_metadata     query_ec2_instances, per origin account and region
//!                      write_inventory_to_dynamodb ─▶ source-server-inventory
//!                    update_region_status          ─▶ drs-region-status
//!                  ─▶ report ─▶ response
//! ```
//!
//! - [`logging`]: what is logged, and what never is.
//! - [`config`]: settings from the environment, once, at the edge.
//! - [`tables`]: the tables' names, keys and indexes.
//! - [`model`]: accounts, servers, rows.
//! - [`aws`]: SDK clients for an account and a region.
//! - [`legacy`]: the old sync, frozen, its faults kept.
//! - [`query`]: what can be asked of the inventory.
//! - [`manage`]: adding and removing accounts.

pub mod aws;
pub mod config;
pub mod legacy;
pub mod logging;
pub mod manage;
pub mod model;
pub mod query;
pub mod sync;
pub mod tables;

pub use sync::{InventorySync, handle_sync_source_server_inventory};
