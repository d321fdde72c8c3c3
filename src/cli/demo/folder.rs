//! A folder that is gone when the demo is over.

use std::fs::{DirBuilder, remove_dir_all};
use std::io;
use std::path::PathBuf;

/// A folder of our own; removed with all that is in it when dropped.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes it among the temporary files. One that is there already is not taken: it would be somebody else's.
    pub(super) fn create() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("pressdiff-demo-{}", std::process::id()));
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %error, "temporary folder not removed");
        }
    }
}
