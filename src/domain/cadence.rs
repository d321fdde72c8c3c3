//! To come.
/// When something is done again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cadence(String);
