//! Search: words, phrases and beginnings in all versions of all releases, with the passage.

use askama::Template;
use axum::Extension;
use axum::extract::{Query as UrlQuery, State};
use axum::response::Response;
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::App;
use super::answer::{Fault, page};
use super::guard::Visitor;
use super::layout::{Frame, Moment, Tab};
use super::words::Choice;
use crate::domain::model::SourceId;
use crate::domain::search::{Query, Stretch};
use crate::store::{Find, Search, SearchScope};

/// Finds on a page.
const ON_A_PAGE: usize = 20;
/// Most characters that are looked for.
const LONGEST: usize = 200;

/// `?q=&in=&source=&before=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SearchQuery {
    q: String,
    #[serde(rename = "in")]
    scope: String,
    source: String,
    before: String,
}

/// A find as it is shown.
struct Hit {
    release: i64,
    number: u32,
    title: String,
    source: String,
    at: Moment,
    gone_in: Option<u32>,
    is_removed: bool,
    passage: Vec<Stretch>,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    query: SearchQuery,
    hits: Vec<Hit>,
    next: Option<String>,
    waiting: u64,
    is_empty: bool,
    sources: Vec<Choice>,
}

/// The finds, or how to search.
pub(super) async fn show(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    UrlQuery(query): UrlQuery<SearchQuery>,
) -> Result<Response, Fault> {
    let text: String = query.q.chars().take(LONGEST).collect();
    let wanted = Query::parse(&text);
    let search = Search {
        query: wanted.clone(),
        scope: match query.scope.as_str() {
            "present" => SearchScope::Present,
            "removed" => SearchScope::Removed,
            _ => SearchScope::Any,
        },
        source: Some(&query.source).filter(|id| !id.is_empty()).map(|id| SourceId(id.clone())),
        before: query.before.parse().ok(),
    };
    let finds = app.store.search(search, ON_A_PAGE).await?;
    let hit = |find: Find| Hit {
        passage: wanted.passage(&find.version.document),
        release: find.version.release.0,
        number: find.version.number,
        title: find.title,
        source: app.source_name(&find.source),
        at: Moment::new(find.version.recorded_at, visitor.zone, app.clock.now()),
        gone_in: find.gone_in,
        is_removed: find.is_removed,
    };
    let choice = |(id, name): (String, String)| Choice { chosen: id == query.source, value: id, label: name };
    let title = if wanted.is_empty() { "Search".to_owned() } else { format!("Search: {text}") };
    page(&SearchPage {
        frame: Frame::of(&app, visitor, Tab::Search, title).await?.at(&query.address("")),
        hits: finds.finds.into_iter().map(hit).collect(),
        next: finds.next.map(|place| query.address(&place.to_string())),
        waiting: finds.waiting,
        is_empty: wanted.is_empty(),
        sources: app.source_names().into_iter().map(choice).collect(),
        query,
    })
}

impl SearchQuery {
    fn address(&self, before: &str) -> String {
        let mut query = Serializer::new(String::new());
        for (name, value) in [("q", self.q.as_str()), ("in", &self.scope), ("source", &self.source), ("before", before)]
        {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("/search?{}", query.finish())
    }
}
