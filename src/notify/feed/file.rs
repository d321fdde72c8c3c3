//! A file that readers see old or new, and never half written, whenever the program or the machine stops.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Puts the text in the place of the file; its folder is made when it is missing. A file that has the text already
/// is left alone, so that its readers need not fetch it again.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    if fs::read(path).is_ok_and(|present| present == text.as_bytes()) {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let new = path.with_extension("atom.new");
    let mut file = File::create(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    // The name is in the folder, which has to reach the disk too.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
