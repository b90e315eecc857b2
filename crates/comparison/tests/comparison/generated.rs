//! Generated worlds through both: ordinary servers, and a few that are odd.

use comparison::compare;
use proptest::prelude::*;
use serde_json::{Value, json};
use sim::World;
use sim::world::build::{AccountBuilder, WorldBuilder};

use crate::worlds::{FIVE_HUNDRED_AT_ONCE, ONE_AT_ONCE, read};

const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-south-1"];

/// What a listing of DRS may have in it that nobody expects.
#[derive(Debug, Clone, Copy)]
enum Oddity {
    /// Listed once more, in the same region.
    Twice,
    /// Listed once more, in the same region, last seen at another time and with another name.
    TwiceWithAnotherName { later: bool },
    /// An empty text in place of an account or a region.
    Empty(&'static str),
    /// The addresses of the first interface, and whether a second one has some.
    Addresses(&'static [&'static str], bool),
    /// No ARN, or one that is null or empty.
    Unnamed(Option<&'static str>),
}

#[derive(Debug, Clone)]
struct Listing {
    servers: usize,
    page: usize,
    fault: Value,
    /// At a place of the list, counted round it.
    odd: Vec<(usize, Oddity)>,
}

fn any_oddity() -> impl Strategy<Value = Oddity> {
    let places = vec![
        "/sourceCloudProperties/originAccountID",
        "/sourceCloudProperties/originRegion",
        "/stagingArea/stagingAccountID",
    ];
    let addresses: Vec<&'static [&'static str]> =
        vec![&[], &[""], &["", "10.0.0.1"], &["10.0.0.1", ""], &["", ""]];
    prop_oneof![
        2 => Just(Oddity::Twice),
        1 => any::<bool>().prop_map(|later| Oddity::TwiceWithAnotherName { later }),
        3 => prop::sample::select(places).prop_map(Oddity::Empty),
        2 => (prop::sample::select(addresses), any::<bool>())
            .prop_map(|(first, second)| Oddity::Addresses(first, second)),
        2 => prop::sample::select(vec![None, Some("null"), Some("")]).prop_map(Oddity::Unnamed),
    ]
}

fn any_listing() -> impl Strategy<Value = Listing> {
    let fault = prop_oneof![
        6 => Just(Value::Null),
        1 => Just(json!({ "status": 403, "code": "AccessDeniedException", "message": "no" })),
        1 => Just(json!({ "status": 401, "code": "OptInRequired", "message": "no" })),
        1 => Just(json!({ "status": 400, "code": "ValidationException", "message": "no" })),
    ];
    let odd = prop::collection::vec((0..60_usize, any_oddity()), 0..4);
    (0..60_usize, 1..30_usize, fault, odd).prop_map(|(servers, page, fault, odd)| Listing {
        servers,
        page,
        fault,
        odd,
    })
}

fn server(number: u64, account: &str, region: &str) -> Value {
    json!({
        "arn": format!("arn:{number}"),
        "sourceServerID": format!("s-{number}"),
        "lifeCycle": { "lastSeenByServiceDateTime": "2026-11-01T10:00:00Z" },
        "sourceCloudProperties": { "originAccountID": account, "originRegion": region },
        "stagingArea": { "stagingAccountID": account },
        "sourceProperties": {
            "identificationHints": { "awsInstanceID": format!("i-{number:017x}") },
            "networkInterfaces": [{ "macAddress": "02:00", "ips": ["10.0.0.9"] }],
        },
    })
}

/// Makes the server at `place` odd.
fn apply(oddity: Oddity, servers: &mut Vec<Value>, place: usize) {
    match oddity {
        Oddity::Twice => servers.push(servers[place].clone()),
        Oddity::TwiceWithAnotherName { later } => {
            let mut again = servers[place].clone();
            let seen = if later { "2026-11-01T11:00:00Z" } else { "2026-11-01T09:00:00Z" };
            again["lifeCycle"]["lastSeenByServiceDateTime"] = json!(seen);
            again["sourceProperties"]["identificationHints"]["hostname"] = json!("another");
            servers.push(again);
        }
        Oddity::Empty(pointer) => *servers[place].pointer_mut(pointer).unwrap() = json!(""),
        Oddity::Addresses(first, second) => {
            let interfaces = &mut servers[place]["sourceProperties"]["networkInterfaces"];
            *interfaces = json!([{ "macAddress": "02:01", "ips": first }]);
            if second {
                let second = json!({ "macAddress": "02:02", "ips": ["10.0.0.2"] });
                interfaces.as_array_mut().unwrap().push(second);
            }
        }
        Oddity::Unnamed(arn) => {
            let server = servers[place].as_object_mut().unwrap();
            match arn {
                None => server.remove("arn"),
                Some("null") => server.insert("arn".to_owned(), Value::Null),
                Some(arn) => server.insert("arn".to_owned(), json!(arn)),
            };
        }
    }
}

/// Accounts with servers in some regions, most of them known to EC2.
fn build(accounts: &[Vec<Listing>]) -> World {
    let mut world = WorldBuilder::new("111111111111");
    let mut number = 0_u64;
    for (position, listings) in accounts.iter().enumerate() {
        let id = format!("{}", 222_222_222_222_u64 + position as u64);
        let mut account = AccountBuilder::new(&id).role("Reader", None);
        for (region, listing) in REGIONS.iter().zip(listings) {
            let first = number + 1;
            number += listing.servers as u64;
            let mut servers: Vec<_> = (first..=number).map(|n| server(n, &id, region)).collect();
            for (place, oddity) in listing.odd.iter().filter(|_| listing.servers > 0) {
                apply(*oddity, &mut servers, place % listing.servers);
            }
            let known = (first..=number).filter(|n| !n.is_multiple_of(5));
            let instances = known
                .map(|n| json!({ "InstanceId": format!("i-{n:017x}"), "VpcId": "vpc-1" }))
                .collect();
            let mut entry = json!({ "pageSize": listing.page, "sourceServers": servers });
            if !listing.fault.is_null() {
                entry["fault"] = listing.fault.clone();
            }
            account = account.drs(region, entry).ec2(region, instances);
        }
        world = world.target(account);
    }
    read(&world.json())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]
    #[test]
    fn generated_worlds_have_no_difference_without_a_reason(
        accounts in prop::collection::vec(prop::collection::vec(any_listing(), 0..4), 0..4),
        limits in prop::sample::select(vec![&[][..], &ONE_AT_ONCE, &FIVE_HUNDRED_AT_ONCE]),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let comparison = runtime.block_on(compare(&build(&accounts), limits)).unwrap();
        let unexplained: Vec<_> = comparison.unexplained().collect();
        prop_assert!(unexplained.is_empty(), "{:?}", unexplained);
    }
}
