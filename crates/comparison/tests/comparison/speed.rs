//! The refactored sync against the legacy one on every world, both asking the same regions at once.
//!
//! Times mean something in a release build on a quiet machine only: `just speed`.
#![allow(clippy::print_stdout, reason = "the times are what is read")]

use std::time::Duration;

use comparison::race;
use sim::World;
use sim::world::Latency;

use crate::worlds::named;

/// The best of so many runs counts: what else the machine does only ever adds time.
const RUNS: usize = 3;
/// What the clock of a shared machine may add to a run.
const NOISE: Duration = Duration::from_millis(10);

/// Where the refactored sync does what the legacy one left undone, and so may take longer.
const DOES_MORE: [(&str, &str); 5] = [
    ("demo", "one of its regions throttles; both wait at random before they try again"),
    ("fault-after-first-page", "a throttled page is tried five times; the legacy sync tried twice"),
    ("throttled-for-good", "a throttled region is tried five times; the legacy sync tried twice"),
    ("throttled-once", "both wait at random before they try again"),
    ("null-staging-accounts", "the legacy sync fails before it asks anything"),
];
/// Where the legacy sync leaves out half of the work of several accounts.
const LEGACY_DOES_HALF: [(&str, &str); 4] = [
    ("bad-row-at-the-end", "the error leaves the function; the second account is not done"),
    ("ec2-staging-account-role", "EC2 is not asked: the role it takes does not let it in"),
    ("null-external-id", "EC2 is not asked: the group fails"),
    ("null-staging-accounts", "the legacy sync fails before it asks anything"),
];

struct Race {
    name: String,
    accounts: usize,
    legacy: Duration,
    refactored: Duration,
}

async fn run(name: String, mut world: World, latency: u64) -> Race {
    world.latency_ms = Latency { drs: latency, ec2: latency, sts: latency };
    // Twenty seconds each for an endpoint that hangs.
    let runs = if name == "mixed-faults-one-account" { 1 } else { RUNS };
    let (mut legacy, mut refactored) = (Duration::MAX, Duration::MAX);
    for _ in 0..runs {
        let took = race(&world).await.unwrap();
        legacy = legacy.min(took.0);
        refactored = refactored.min(took.1);
    }
    let staging = |target: &serde_json::Map<String, serde_json::Value>| {
        target.get("stagingAccounts").and_then(|list| list.as_array()).map_or(0, Vec::len)
    };
    let accounts = world.target_accounts.iter().map(|target| 1 + staging(target)).sum();
    Race { name, accounts, legacy, refactored }
}

fn is_listed(list: &[(&str, &str)], name: &str) -> bool {
    list.iter().any(|(listed, _)| *listed == name)
}

fn too_slow(race: &Race, latency: u64) -> Option<String> {
    let Race { name, accounts, legacy, refactored } = race;
    let twice = latency > 0 && (*accounts > 1 || name == "one-account-six-regions");
    let bound = if twice && !is_listed(&LEGACY_DOES_HALF, name) {
        *legacy / 2 + NOISE
    } else if is_listed(&DOES_MORE, name) {
        return None;
    } else {
        *legacy + NOISE
    };
    (*refactored > bound).then(|| format!("{name} at {latency} ms: {refactored:?} > {bound:?}\n"))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a release build and minutes: just speed"]
async fn the_refactored_sync_is_never_slower_and_with_several_accounts_twice_as_fast() {
    let mut slow = String::new();
    for latency in [0, 100] {
        for (name, world) in named() {
            let race = run(name, world, latency).await;
            let ratio = race.refactored.as_secs_f64() / race.legacy.as_secs_f64();
            println!("{latency:>3} ms per call: {ratio:>6.2} {}", race.name);
            slow.extend(too_slow(&race, latency));
        }
    }
    assert_eq!(slow, "");
}
