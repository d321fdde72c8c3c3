//! What pressdiff knows about pages, releases and changes: values in, values out. Nothing here reads a file,
//! a clock or the network; `now` is an argument.
//!
//! In reading order: [`model`] and [`rule`] are the words; [`coding`] and [`charset`] turn bytes into text, and
//! [`dates`] finds days in it; [`discover`] finds releases on listings, and [`address`] gives each its one address;
//! [`page`] reads HTML into lines; [`template`] is what the pages of a source have in common; [`extract`] finds the
//! release on the page; [`normalize`] decides what reads the same, [`likeness`] how alike two texts are; [`diff`] and
//! [`meaning`] tell what changed and whether it matters; [`classify`] turns what was seen into events, [`hindsight`]
//! does that for archives; [`route`] addresses alerts, which go out as a [`message`]; [`render`] makes text of it all,
//! [`jsonl`] lines and [`payload`] webhook bodies for programs; [`review`] is what readers made of events, [`search`]
//! finds words in texts; [`cadence`] tells the time of the next check, [`recheck`] which releases it looks at. The rest
//! is small: [`word`], [`counted`], [`causes`] and [`hex`] put values into words, [`discreet`] leaves secrets
//! out, [`stamp`] reads what time-stamping authorities answer.

pub mod address;
pub mod cadence;
pub mod causes;
pub mod charset;
pub mod classify;
pub mod coding;
pub mod counted;
pub mod dates;
pub mod diff;
pub mod discover;
pub mod discreet;
pub mod extract;
pub mod hex;
pub mod hindsight;
pub mod jsonl;
pub mod likeness;
pub mod meaning;
pub mod message;
pub mod model;
pub mod normalize;
pub mod page;
pub mod payload;
pub mod recheck;
pub mod render;
pub mod review;
pub mod route;
pub mod rule;
pub mod search;
pub mod stamp;
pub mod template;
pub mod word;
