//! Which file is the configuration. What asks the environment and the file system is handed in, so that tests
//! decide what they say.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::ConfigError;

/// The file to read; a file that was named is not looked for elsewhere.
pub(super) fn find(
    explicit: Option<&Path>,
    variable: impl Fn(&str) -> Option<OsString>,
    exists: impl Fn(&Path) -> bool,
) -> Result<PathBuf, ConfigError> {
    let folder = |name| variable(name).map(PathBuf::from).filter(|path| !path.as_os_str().is_empty());
    if let Some(named) = explicit.map(Path::to_owned).or_else(|| folder("PRESSDIFF_CONFIG")) {
        return Ok(named);
    }
    // The XDG base directory specification has relative paths ignored.
    let user = folder("XDG_CONFIG_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| folder("HOME").map(|home| home.join(".config")));
    let tried: Vec<PathBuf> = [
        Some(PathBuf::from("config/pressdiff.toml")),
        user.map(|folder| folder.join("pressdiff/pressdiff.toml")),
        Some(PathBuf::from("/etc/pressdiff/pressdiff.toml")),
    ]
    .into_iter()
    .flatten()
    .collect();
    tried.iter().find(|path| exists(path)).cloned().ok_or(ConfigError::NotFound { tried })
}

#[cfg(test)]
mod tests {
    use super::*;

    const VARIABLES: [(&str, &str); 2] = [("XDG_CONFIG_HOME", "/home/ann/settings"), ("HOME", "/home/ann")];

    fn check(explicit: Option<&str>, variables: &[(&str, &str)], existing: &[&str]) -> String {
        let variable = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        let exists = |path: &Path| existing.iter().any(|file| path == Path::new(file));
        match find(explicit.map(Path::new), variable, exists) {
            Ok(path) => path.display().to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_nearest_file_is_taken() {
        let all =
            ["config/pressdiff.toml", "/home/ann/settings/pressdiff/pressdiff.toml", "/etc/pressdiff/pressdiff.toml"];
        assert_eq!(check(None, &VARIABLES, &all), all[0]);
        assert_eq!(check(None, &VARIABLES, &all[1..]), all[1]);
        assert_eq!(check(None, &VARIABLES, &all[2..]), all[2]);
        let home = "/home/ann/.config/pressdiff/pressdiff.toml";
        assert_eq!(check(None, &[("XDG_CONFIG_HOME", "settings"), ("HOME", "/home/ann")], &[home]), home);
    }

    #[test]
    fn a_named_file_is_not_looked_for_elsewhere() {
        let named = [("PRESSDIFF_CONFIG", "desk.toml")];
        assert_eq!(check(Some("mine.toml"), &named, &["config/pressdiff.toml"]), "mine.toml");
        assert_eq!(check(None, &named, &["config/pressdiff.toml"]), "desk.toml");
        assert_eq!(check(None, &[("PRESSDIFF_CONFIG", "")], &["config/pressdiff.toml"]), "config/pressdiff.toml");
    }

    #[test]
    fn all_places_are_named_when_there_is_none() {
        assert_eq!(
            check(None, &VARIABLES, &[]),
            "no configuration found; tried config/pressdiff.toml, /home/ann/settings/pressdiff/pressdiff.toml, \
             /etc/pressdiff/pressdiff.toml"
        );
    }
}
