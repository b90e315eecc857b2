//! Stores as files: copied and renamed while nobody has them open.

use std::io;
use std::path::{Path, PathBuf};

/// A store is a file, and while it is open two more beside it.
const PARTS: [&str; 3] = ["", "-wal", "-shm"];

/// The stores of a folder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoreFiles<'a> {
    pub(crate) folder: &'a Path,
}

impl StoreFiles<'_> {
    /// Where the store of this name is, or would be.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.db"))
    }

    /// A path where no store is; one that is there is removed.
    pub(crate) fn new_file(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.path(name);
        for part in PARTS {
            if_there(std::fs::remove_file(with(&path, part)))?;
        }
        Ok(path)
    }

    /// A copy under this name; one that is there is replaced.
    pub(crate) fn copy(&self, store: &Path, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.new_file(name)?;
        for part in PARTS {
            if_there(std::fs::copy(with(store, part), with(&path, part)).map(|_| ()))?;
        }
        Ok(path)
    }

    /// The same store under this name; one that is there is replaced.
    pub(crate) fn rename(&self, store: &Path, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.new_file(name)?;
        for part in PARTS {
            if_there(std::fs::rename(with(store, part), with(&path, part)))?;
        }
        Ok(path)
    }
}

fn with(path: &Path, part: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(part);
    path.into()
}

fn if_there(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts_of_a_store_are_copied_renamed_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let files = StoreFiles { folder: folder.path() };
        let one = files.path("one");
        std::fs::write(&one, "rows").unwrap();
        std::fs::write(with(&one, "-wal"), "log").unwrap();
        let two = files.copy(&one, "two").unwrap();
        let three = files.rename(&one, "three").unwrap();
        for store in [&two, &three] {
            assert_eq!(std::fs::read(store).unwrap(), b"rows");
            assert_eq!(std::fs::read(with(store, "-wal")).unwrap(), b"log");
        }
        assert!(!one.exists() && !with(&one, "-wal").exists());
        assert!(!with(&files.new_file("two").unwrap(), "-wal").exists());
    }
}
