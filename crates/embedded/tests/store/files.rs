//! Whose file it is, and what a store leaves of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use embedded::{OpenError, Store};
use rusqlite::Connection;

use crate::{count, create_table, put};

/// Every file of a folder, with what is in it.
fn everything_in(folder: &Path) -> BTreeMap<std::ffi::OsString, Vec<u8>> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    files.map(|file| (file.file_name(), std::fs::read(file.path()).unwrap())).collect()
}

fn refused(path: &Path) -> [OpenError; 2] {
    [Store::open(path).err().unwrap(), Store::open_to_read(path).err().unwrap()]
}

/// What other programs keep: databases in either mode, one that is in use, one without a table.
fn others(folder: &Path) -> Vec<(&'static str, Option<Connection>)> {
    let open = |name: &str, statements: &str| {
        let connection = Connection::open(folder.join(name)).unwrap();
        connection.execute_batch(statements).unwrap();
        connection
    };
    let songs = "CREATE TABLE songs (name); INSERT INTO songs VALUES ('one')";
    drop(open("rollback.db", songs));
    drop(open("wal.db", &format!("PRAGMA journal_mode = WAL; {songs}")));
    let in_use = open("in-use.db", &format!("PRAGMA journal_mode = WAL; {songs}"));
    drop(open("empty.db", "PRAGMA user_version = 1"));
    drop(open(
        "marked.db",
        "PRAGMA application_id = 7; CREATE TABLE _tables (a); CREATE TABLE _config (a)",
    ));
    std::fs::write(folder.join("notes.txt"), "notes").unwrap();
    std::fs::write(folder.join("long.txt"), "notes ".repeat(1000)).unwrap();
    let names = ["rollback.db", "wal.db", "empty.db", "marked.db", "notes.txt", "long.txt"];
    let mut all: Vec<_> = names.into_iter().map(|name| (name, None)).collect();
    all.push(("in-use.db", Some(in_use)));
    all
}

#[tokio::test]
async fn a_file_of_another_program_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let files = others(folder.path());
    let before = everything_in(folder.path());
    for (name, _) in &files {
        for error in refused(&folder.path().join(name)) {
            assert!(matches!(error, OpenError::Foreign { .. }), "{name}: {error}");
            assert!(error.to_string().contains(name), "{error}");
        }
    }
    assert!(before == everything_in(folder.path()), "a file changed, came or went");
}

#[tokio::test]
async fn a_folder_is_no_store() {
    let folder = tempfile::tempdir().unwrap();
    for error in refused(folder.path()) {
        assert!(error.to_string().contains("no file"), "{error}");
    }
}

#[tokio::test]
async fn every_path_is_the_path_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    for name in [":memory:", "file:x", "file:y?mode=memory", "a b#c%41?immutable=1.db", "ü.db"] {
        let path = folder.path().join(name);
        let client = Store::open(&path).unwrap().client();
        create_table(&client).await;
        put(&client, "a").await;
        drop(client);
        assert!(std::fs::metadata(&path).unwrap().len() > 0, "{name}");
        assert_eq!(count(&Store::open(&path).unwrap().client()).await, 1, "{name}");
        assert_eq!(count(&Store::open_to_read(&path).unwrap().client()).await, 1, "{name}");
    }
    assert_eq!(everything_in(folder.path()).keys().filter(|name| *name == "x").count(), 0);
}

#[tokio::test]
async fn an_empty_file_becomes_a_store_but_not_by_reading_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inventory.db");
    let missing = Store::open_to_read(&path).err().unwrap();
    assert!(matches!(missing, OpenError::Nothing { .. }), "{missing}");
    assert!(!path.exists());
    std::fs::write(&path, "").unwrap();
    let empty = Store::open_to_read(&path).err().unwrap();
    assert!(matches!(empty, OpenError::Nothing { .. }), "{empty}");
    assert_eq!(everything_in(folder.path()).len(), 1);
    create_table(&Store::open(&path).unwrap().client()).await;
    assert_eq!(count(&Store::open_to_read(&path).unwrap().client()).await, 0);
}

#[tokio::test]
async fn a_store_from_before_the_mark_is_still_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inventory.db");
    create_table(&Store::open(&path).unwrap().client()).await;
    Connection::open(&path).unwrap().pragma_update(None, "application_id", 0).unwrap();
    assert_eq!(count(&Store::open_to_read(&path).unwrap().client()).await, 0);
    put(&Store::open(&path).unwrap().client(), "a").await;
}

#[tokio::test]
async fn what_is_opened_to_read_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inventory.db");
    let writer = Store::open(&path).unwrap().client();
    create_table(&writer).await;
    let reader = Store::open_to_read(&path).unwrap().client();
    let item = aws_sdk_dynamodb::types::AttributeValue::S("a".to_owned());
    assert!(reader.put_item().table_name("rows").item("k", item).send().await.is_err());
    put(&writer, "b").await;
    assert_eq!(count(&reader).await, 1);
}

fn hold(path: &Path) -> Connection {
    let holder = Connection::open(path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    holder
}

#[tokio::test]
async fn who_holds_the_file_is_named_and_readers_do_not_wait() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inventory.db");
    let opened_before = Store::open(&path).unwrap().client();
    create_table(&opened_before).await;
    put(&opened_before, "a").await;
    let _holder = hold(&path);
    let started = Instant::now();
    let reader = Store::open_to_read(&path).unwrap().client();
    assert_eq!((count(&reader).await, count(&opened_before).await), (1, 1));
    assert!(started.elapsed() < Duration::from_secs(1));

    let me = format!("process {} (", std::process::id());
    let key = aws_sdk_dynamodb::types::AttributeValue::S("b".to_owned());
    let write = opened_before.put_item().table_name("rows").item("k", key);
    let open = tokio::task::spawn_blocking(move || Store::open(&path).err().unwrap().to_string());
    let (written, opened) = tokio::join!(write.send(), open);
    let (written, opened) = (written.unwrap_err(), opened.unwrap());
    for said in [written.message().unwrap(), &opened] {
        assert!(said.contains(&me) && said.contains("end it"), "{said}");
    }
    // Not as often as DynamoDB's client would try again.
    assert!(started.elapsed() < Duration::from_secs(9), "{:?}", started.elapsed());
}

#[cfg(unix)]
mod permissions {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    fn modes(folder: &Path) -> Vec<u32> {
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap());
        files.map(|file| file.metadata().unwrap().permissions().mode() & 0o777).collect()
    }

    #[tokio::test]
    async fn a_store_is_its_owners_alone_or_becomes_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inventory.db");
        let first = Store::open(&path).unwrap();
        create_table(&first.client()).await;
        assert_eq!(modes(folder.path()), [0o600; 3]);
        for file in std::fs::read_dir(folder.path()).unwrap() {
            set_mode(&file.unwrap().path(), 0o644);
        }
        assert!(Store::open(&path).unwrap().is_private());
        assert_eq!(modes(folder.path()), [0o600; 3]);
    }

    const CHILD: &str = "files::permissions::a_store_that_may_only_be_read_is_read";

    /// What reading the store at `path` comes to for somebody who may not write.
    fn read_without_permission(path: &Path) -> String {
        let folder = path.parent().unwrap();
        for file in std::fs::read_dir(folder).unwrap() {
            set_mode(&file.unwrap().path(), 0o444);
        }
        set_mode(folder, 0o555);
        let mut child = Command::new("/proc/self/exe");
        child.args(["--exact", CHILD, "--nocapture"]).env("EMBEDDED_TEST_READER", path);
        // Root may always write.
        if rustix::process::geteuid().is_root() {
            child.uid(65_534).gid(65_534);
        }
        let read = child.output().unwrap();
        set_mode(folder, 0o755);
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        String::from_utf8(read.stdout).unwrap()
    }

    #[allow(clippy::print_stdout, reason = "the child tells its parent")]
    async fn read_as_child(path: &Path) {
        assert!(std::fs::write(path.with_file_name("new"), "").is_err());
        match Store::open_to_read(path) {
            Ok(store) => println!("{} rows", count(&store.client()).await),
            Err(error) => println!("{error}"),
        }
    }

    #[tokio::test]
    async fn a_store_that_may_only_be_read_is_read() {
        if let Ok(path) = std::env::var("EMBEDDED_TEST_READER") {
            return read_as_child(path.as_ref()).await;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inventory.db");
        let client = Store::open(&path).unwrap().client();
        create_table(&client).await;
        put(&client, "a").await;
        let in_use = read_without_permission(&path);
        assert!(in_use.contains("1 rows"), "{in_use}");

        let copy = tempfile::tempdir().unwrap();
        let unfinished = copy.path().join("copy.db");
        std::fs::copy(&path, &unfinished).unwrap();
        std::fs::copy(folder.path().join("inventory.db-wal"), copy.path().join("copy.db-wal"))
            .unwrap();
        let refused = read_without_permission(&unfinished);
        assert!(refused.contains("copy.db-wal"), "{refused}");

        drop(client);
        let closed = read_without_permission(&path);
        assert!(closed.contains("1 rows"), "{closed}");
        assert_eq!(everything_in(folder.path()).len(), 1);
    }
}
