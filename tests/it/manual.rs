//! Completions and manual pages that the program makes of its own help.

use std::fs;
use std::io::{self, Write as _};
use std::process::{Command, Stdio};

fn print(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_pressdiff")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The names of the commands, as the help has them.
fn commands() -> Vec<String> {
    let help = print(&["--help"]);
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let name = |line: &str| line.strip_prefix("  ")?.split(' ').next().map(ToOwned::to_owned);
    let names: Vec<String> =
        listed.lines().filter_map(name).filter(|name| !name.is_empty() && name != "help").collect();
    assert!(names.len() > 20 && names.contains(&"test-alert".to_owned()), "{help}");
    names
}

/// A text whatever the lines into which it is broken.
fn flowing(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a program says on standard error about a text on its standard input; none where there is no such program.
fn judgement(program: &str, arguments: &[&str], text: &str) -> Option<String> {
    let piped = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match piped {
        Ok(child) => child,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => panic!("{program}: {error}"),
    };
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{program}: {said}");
    Some(said)
}

#[test]
fn completions_know_every_command_and_are_sound() {
    let forms = [
        ("bash", "pressdiff,NAME)"),
        ("zsh", "(NAME)\n"),
        ("fish", "-a \"NAME\""),
        ("elvish", "'pressdiff;NAME'"),
        ("powershell", "'pressdiff;NAME'"),
    ];
    for (shell, form) in forms {
        let script = print(&["completions", shell]);
        for command in commands() {
            assert!(script.contains(&form.replace("NAME", &command)), "{shell} does not know {command}");
        }
    }
    let said = judgement("bash", &["-n"], &print(&["completions", "bash"]));
    assert_eq!(said.unwrap_or_default(), "");
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let page = print(&["man"]);
    assert!(page.contains(".TH pressdiff 1") && page.contains("Exit status"), "{page}");
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(print(&["man", "--dir", folder.path().to_str().unwrap()]), "");
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        let said = judgement("groff", &["-man", "-ww", "-z", "-Tutf8"], &fs::read_to_string(&path).unwrap());
        assert_eq!(said.unwrap_or_default(), "", "{}", path.display());
    }
    for name in commands().iter().map(|command| format!("pressdiff-{command}.1")).chain(["pressdiff.1".to_owned()]) {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
}

#[test]
fn what_a_command_says_of_itself_reaches_its_help_and_its_page() {
    let letters = "T is the title, D the date, a dot the text, C a contact line";
    let help = print(&["explain", "--help"]);
    assert!(help.starts_with("Show what counts as the release") && flowing(&help).contains(letters), "{help}");
    let folder = tempfile::tempdir().unwrap();
    print(&["man", "--dir", folder.path().to_str().unwrap()]);
    let page = fs::read_to_string(folder.path().join("pressdiff-explain.1")).unwrap();
    assert!(flowing(&page).contains(letters), "{page}");
    for command in commands() {
        let help = print(&[&command, "--help"]);
        let said = help.split("Usage:").next().unwrap().trim();
        assert!(said.contains("\n\n"), "{command} has nothing to say beyond one line: {help}");
    }
}
