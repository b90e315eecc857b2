//! DRS in 28 regions at once, and one row per region.

use std::collections::HashMap;

use aws::{AccountSession, Aws, service_error};
use aws_sdk_drs::types::SourceServer;
use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::join_all;
use store::tables::DrsRegionStatusTable;

use super::one_retry;
use super::server::Server;
use super::status::status_of;

/// The regions of the legacy function; newer ones are not asked.
pub const REGIONS: [&str; 28] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "ap-east-1",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "me-south-1",
    "me-central-1",
    "af-south-1",
    "il-central-1",
    "ca-central-1",
    "sa-east-1",
];

/// What came of asking one region.
#[derive(Debug)]
pub(super) struct Region {
    name: &'static str,
    status: &'static str,
    pub(super) servers: Vec<Server>,
}

pub(super) async fn query_all_regions(aws: &Aws, session: &AccountSession) -> Vec<Region> {
    let aws = aws.with_policy(one_retry());
    join_all(REGIONS.map(|region| query_region(&aws, session, region))).await
}

async fn query_region(aws: &Aws, session: &AccountSession, name: &'static str) -> Region {
    let pages = aws.drs(session, name).describe_source_servers().into_paginator().items().send();
    let listed: Result<Vec<SourceServer>, _> = pages.try_collect().await;
    match listed {
        Ok(servers) => {
            let server = |drs| Server { drs, region: name, ec2: None };
            Region { name, status: "ACTIVE", servers: servers.into_iter().map(server).collect() }
        }
        Err(error) => {
            Region { name, status: status_of(&service_error(&error)), servers: Vec::new() }
        }
    }
}

/// The rows of the next account overwrite these.
pub(super) async fn write_region_rows(
    table: &DrsRegionStatusTable,
    account_id: &str,
    regions: &[Region],
    now: &str,
) {
    for region in regions {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let item = HashMap::from([
            ("region".to_owned(), text(region.name)),
            ("accountId".to_owned(), text(account_id)),
            ("status".to_owned(), text(region.status)),
            ("serverCount".to_owned(), AttributeValue::N(region.servers.len().to_string())),
            ("lastUpdated".to_owned(), text(now)),
        ]);
        let put = table.client.put_item().table_name(&table.name).set_item(Some(item));
        if let Err(error) = put.send().await {
            let error = service_error(&error).to_string();
            tracing::error!(region = region.name, error, "cannot write region status");
        }
    }
}
