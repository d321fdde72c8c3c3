//! Reads just enough Rust to list the paths of a source: a tokenizer that drops comments and literals, and groups
//! of `use` written out. A parser would be a dependency for one test.

/// Every path of a source but those in its `#[cfg(test)]` modules, with groups such as `a::{b, c}` written out.
pub(crate) fn paths(source: &str) -> Vec<Vec<String>> {
    let tokens = &without_tests(&tokens(source));
    let mut paths = Vec::new();
    for at in 0..tokens.len() {
        if is_word(&tokens[at]) && (at == 0 || tokens[at - 1] != "::") {
            expand(tokens, at, &[], &mut paths);
        }
    }
    paths
}

/// Follows one path, or one branch of a group, and returns where it ends.
fn expand(tokens: &[String], at: usize, before: &[String], paths: &mut Vec<Vec<String>>) -> usize {
    match tokens.get(at).map(String::as_str) {
        Some("{") => expand_group(tokens, at + 1, before, paths),
        Some(word) if is_word(word) || word == "*" => {
            let path = [before, &[word.to_owned()]].concat();
            let goes_on = tokens.get(at + 1).is_some_and(|token| token == "::")
                && tokens.get(at + 2).is_some_and(|token| is_word(token) || token == "{" || token == "*");
            if goes_on {
                return expand(tokens, at + 2, &path, paths);
            }
            paths.push(path);
            at + 1
        }
        _ => at + 1,
    }
}

fn expand_group(tokens: &[String], mut at: usize, before: &[String], paths: &mut Vec<Vec<String>>) -> usize {
    while at < tokens.len() && tokens[at] != "}" {
        at = if tokens[at] == "," { at + 1 } else { expand(tokens, at, before, paths) };
    }
    at + 1
}

fn is_word(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphanumeric() || first == '_')
}

/// Leaves out the modules marked `#[cfg(test)]`.
fn without_tests(tokens: &[String]) -> Vec<String> {
    let mark = ["cfg", "(", "test", ")", "]", "mod"];
    let mut code = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at..].iter().zip(mark).filter(|(token, wanted)| token == wanted).count() == mark.len()
            && tokens.get(at + mark.len() + 1).is_some_and(|token| token == "{")
        {
            at = after_block(tokens, at + mark.len() + 1);
        } else {
            code.push(tokens[at].clone());
            at += 1;
        }
    }
    code
}

fn after_block(tokens: &[String], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.as_str() {
            "{" => depth += 1,
            "}" if depth == 1 => return at + 1,
            "}" => depth -= 1,
            _ => {}
        }
    }
    tokens.len()
}

/// Words, `::` and single marks; comments and literals are dropped.
fn tokens(source: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => string(rest),
            'r' | 'b' | 'c' if raw_string(rest).is_some() => raw_string(rest).unwrap(),
            '\'' => character_or_lifetime(rest),
            _ if first.is_whitespace() => first.len_utf8(),
            _ => {
                let length = token_length(rest, first);
                tokens.push(rest[..length].to_owned());
                length
            }
        };
        rest = &rest[length..];
    }
    tokens
}

fn token_length(rest: &str, first: char) -> usize {
    if is_word(rest) {
        rest.find(|other: char| !other.is_alphanumeric() && other != '_').unwrap_or(rest.len())
    } else if rest.starts_with("::") {
        2
    } else {
        first.len_utf8()
    }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        match rest.as_bytes().get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !escaped => return at + 1,
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

/// Length of `r"…"`, `br#"…"#` and the like; `None` for any other word that starts so.
fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix("cr")).or_else(|| rest.strip_prefix('r'))?;
    let body = after.trim_start_matches('#');
    let hashes = "#".repeat(after.len() - body.len());
    let text = body.strip_prefix('"')?;
    let end = format!("\"{hashes}");
    let length = text.find(&end).map_or(text.len(), |at| at + end.len());
    Some(rest.len() - text.len() + length)
}

fn character_or_lifetime(rest: &str) -> usize {
    let mut inside = rest[1..].chars();
    match (inside.next(), inside.next()) {
        (Some('\\'), Some(escape)) => {
            let start = 2 + escape.len_utf8();
            rest[start..].find('\'').map_or(rest.len(), |at| start + at + 1)
        }
        (Some(one), Some('\'')) => 2 + one.len_utf8(),
        _ => 1,
    }
}
