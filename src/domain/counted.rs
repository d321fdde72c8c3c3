//! A number and its noun.

use std::fmt::Display;

/// `1 check`, `2 checks`, `0 checks`.
pub fn counted<N: Copy + Display + PartialEq + From<u8>>(number: N, one: &str, many: &str) -> String {
    let noun = if number == N::from(1) { one } else { many };
    format!("{number} {noun}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_is_one() {
        let told = [0_usize, 1, 2, 11].map(|number| counted(number, "reply", "replies"));
        assert_eq!(told, ["0 replies", "1 reply", "2 replies", "11 replies"]);
    }
}
