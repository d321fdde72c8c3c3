//! Completions and manual pages that the program makes of its own help.

use std::fs;
use std::io::{self, Write as _};
use std::process::{Command, Stdio};

fn print(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_pressdiff")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
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
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = print(&["completions", shell]);
        for command in ["run", "check", "init", "reload", "backup", "health"] {
            assert!(script.contains(command), "{shell} does not know {command}");
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
    for name in ["pressdiff.1", "pressdiff-run.1", "pressdiff-init.1", "pressdiff-reload.1"] {
        assert!(names.contains(&name.to_owned()), "{name}: {names:?}");
    }
}
