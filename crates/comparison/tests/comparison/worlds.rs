//! Every world through both: no difference without a reason, no reason without a difference.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use comparison::intended::INTENDED;
use comparison::{compare, render};
use serde_json::{Value, json};
use sim::World;
use sim::world::build::{AccountBuilder, WorldBuilder};
use sim::world::large::large;
use tokio::sync::Semaphore;

pub(crate) const ONE_AT_ONCE: [(&str, &str); 5] = every_limit("1");
pub(crate) const FIVE_HUNDRED_AT_ONCE: [(&str, &str); 5] = every_limit("500");

const fn every_limit(limit: &str) -> [(&str, &str); 5] {
    [
        ("MAX_CONCURRENT_ACCOUNTS", limit),
        ("MAX_CONCURRENT_REGIONS", limit),
        ("MAX_CONCURRENT_EC2_GROUPS", limit),
        ("MAX_CONCURRENT_WRITES", limit),
        ("MAX_CONCURRENT_WRITERS", limit),
    ]
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// 30 accounts in a table of more than one page.
fn more_accounts_than_a_page() -> World {
    let account = |number: u64| {
        let id = 200_000_000_001_u64 + number;
        let server = json!({ "arn": format!("arn:{id}"), "sourceServerID": format!("s-{number}") });
        AccountBuilder::new(id)
            .role("Reader", None)
            .attribute("notes", "n".repeat(60_000))
            .drs("us-east-1", json!({ "sourceServers": [server] }))
    };
    let world = WorldBuilder::new("111111111111");
    read(&(0..30).map(account).fold(world, WorldBuilder::target).json())
}

/// What the simulator makes of a world that was built.
pub(crate) fn read(world: &Value) -> World {
    World::from_json(&world.to_string()).unwrap()
}

/// Every world that has a name, in the order of the names: those in files, and the large ones.
pub(crate) fn named() -> Vec<(String, World)> {
    let files = std::fs::read_dir(folder("../../worlds")).unwrap();
    let files = files.map(|file| file.unwrap().path()).map(|path| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, World::from_file(&path).unwrap())
    });
    let large = large().into_iter().map(|(name, world)| (name.to_owned(), read(&world)));
    let mut worlds: Vec<(String, World)> = files.chain(large).collect();
    worlds.sort_by(|a, b| a.0.cmp(&b.0));
    worlds
}

fn worlds() -> Vec<(String, World)> {
    let more = ("more-accounts-than-a-page".to_owned(), more_accounts_than_a_page());
    named().into_iter().chain([more]).collect()
}

/// Worlds that run at once, over all tests: with all of them on two processors, clients would give up
/// on a simulator that had no turn to answer.
static AT_ONCE: Semaphore = Semaphore::const_new(8);

/// The reasons that all worlds show, and the differences that have none.
async fn compare_all(variables: &'static [(&str, &str)]) -> (BTreeSet<&'static str>, String) {
    let mut met = BTreeSet::new();
    let mut unexplained = String::new();
    let runs = worlds().into_iter().map(|(name, world)| {
        tokio::spawn(async move {
            let _turn = AT_ONCE.acquire().await.unwrap();
            (name, compare(&world, variables).await.unwrap())
        })
    });
    for run in runs.collect::<Vec<_>>() {
        let (name, comparison) = run.await.unwrap();
        for difference in comparison.unexplained() {
            unexplained += &format!("{name}: {difference:?}\n");
        }
        met.extend(comparison.met());
    }
    (met, unexplained)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_difference_has_a_reason_and_every_reason_a_difference() {
    let (met, unexplained) = compare_all(&[]).await;
    assert_eq!(unexplained, "");
    let all: BTreeSet<&str> = INTENDED.iter().map(|entry| entry.id).collect();
    let missing: Vec<_> = all.difference(&met).collect();
    assert!(missing.is_empty(), "no world shows {missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_at_once_finds_the_same() {
    assert_eq!(compare_all(&ONE_AT_ONCE).await.1, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_at_once_find_the_same() {
    assert_eq!(compare_all(&FIVE_HUNDRED_AT_ONCE).await.1, "");
}

#[test]
fn the_readme_lists_the_intended_differences() {
    const HEADING: &str = "`src/intended.rs`.\n\n";
    let file = folder("README.md");
    let readme = std::fs::read_to_string(&file).unwrap();
    let (text, list) = readme.split_once(HEADING).unwrap();
    let current = render::readme_list();
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&file, format!("{text}{HEADING}{current}")).unwrap();
    } else {
        assert_eq!(list, current);
    }
}
