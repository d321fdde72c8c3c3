//! What all pages share: the frame around them, how times and words are written, style and script.

mod assets;
mod moment;

use chrono_tz::Tz;

use super::App;
use super::answer::Fault;
use super::guard::Visitor;

pub(super) use self::assets::{Assets, serve as serve_asset};
pub(super) use self::moment::Moment;

/// The part of the navigation that a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    Inbox,
    Sources,
    Alerts,
    Search,
    None,
}

/// Everything around a page.
pub(super) struct Frame {
    pub(super) assets: Assets,
    pub(super) tab: Tab,
    pub(super) title: String,
    /// Events in the inbox.
    pub(super) waiting: u64,
    pub(super) zone: Tz,
    pub(super) logged_in: bool,
    /// Path and query of the page, to come back to.
    pub(super) here: String,
    /// Title and path of the feed of what the page shows, where that is not all events.
    pub(super) feed: Option<(String, String)>,
    /// Said once above the page, after something was done.
    pub(super) notice: String,
}

impl Frame {
    /// The frame of a page with this title.
    pub(super) async fn of(app: &App, visitor: Visitor, tab: Tab, title: impl Into<String>) -> Result<Self, Fault> {
        let waiting = app.store.count_inbox().await?.iter().map(|count| count.count).sum();
        Ok(Self {
            assets: Assets,
            tab,
            title: title.into(),
            waiting,
            zone: visitor.zone,
            logged_in: visitor.logged_in,
            here: "/".to_owned(),
            feed: None,
            notice: String::new(),
        })
    }

    /// The frame of the page at this path and query.
    pub(super) fn at(mut self, here: &str) -> Self {
        here.clone_into(&mut self.here);
        self
    }

    /// Whether a tab is that of the page, as `aria-current` has it.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand on references")]
    pub(super) fn current(&self, tab: &Tab) -> &'static str {
        if self.tab == *tab { "page" } else { "false" }
    }
}
