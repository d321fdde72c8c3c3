//! What was learned as the template of a source: the lines of one of its pages that are left out, with the reasons.

use crate::domain::charset::decode;
use crate::domain::extract::{Verdict, extract};
use crate::domain::model::{Fetched, SourceId};
use crate::domain::page::Page;
use crate::domain::rule::ExtractionRule;
use crate::domain::template::Knowledge;
use crate::web::App;
use crate::web::answer::Fault;
use crate::web::change::work;

/// Lines that are shown.
const MOST_LINES: usize = 80;
/// Characters of a line that are shown.
const LONGEST_LINE: usize = 120;
/// A larger page is not read again for this: it would take longer than anybody waits.
const LARGEST: usize = 1 << 20;

/// The lines of a page.
pub(in crate::web) struct Learned {
    pub(in crate::web) url: String,
    pub(in crate::web) kept: usize,
    /// Text and reason.
    pub(in crate::web) left_out: Vec<(String, String)>,
}

/// What is left out of the newest page of a source.
pub(super) async fn find(app: &App, source: &SourceId) -> Result<Option<Learned>, Fault> {
    let lines = app.store.list_release_lines(Some(source.clone()), None, None, 3).await?;
    for line in lines {
        let Some(release) = app.store.find_release_by_id(line.id).await? else { continue };
        let Some(snapshot) = release.judged else { continue };
        let Some(snapshot) = app.store.find_snapshot(snapshot).await? else { continue };
        if snapshot.fetched.body.is_empty() || snapshot.fetched.body.len() > LARGEST {
            continue;
        }
        let rule = app.sources.borrow().iter().find(|watched| watched.id == *source).map(|s| s.extract.clone());
        let knowledge = app.store.find_template(source).await?.knowledge();
        return work(move || read(&snapshot.fetched, &rule.unwrap_or_default(), &knowledge)).await;
    }
    Ok(None)
}

fn read(fetched: &Fetched, rule: &ExtractionRule, knowledge: &Knowledge) -> Option<Learned> {
    let text = decode(&fetched.body, fetched.header("content-type")).text;
    let page = Page::read(&text, &fetched.final_url, rule).ok()?;
    let extraction = extract(&page, knowledge);
    let mut learned = Learned { url: fetched.url.to_string(), kept: 0, left_out: Vec::new() };
    for (line, verdict) in page.lines.iter().zip(&extraction.verdicts) {
        match verdict {
            Verdict::LeftOut(why) if !line.text.trim().is_empty() && learned.left_out.len() < MOST_LINES => {
                let text = line.text.chars().take(LONGEST_LINE).collect();
                learned.left_out.push((text, why.to_string()));
            }
            Verdict::LeftOut(_) => {}
            Verdict::Title | Verdict::Date | Verdict::Text | Verdict::Contact => learned.kept += 1,
        }
    }
    Some(learned)
}
