//! Every path of the review pages, in one table.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};

use super::{
    App, access, alerts, answer, api, event, feeds, guard, inbox, layout, release, search, settings, snapshot, source,
};

/// Most bytes of a form.
const FORM_BYTES: usize = 64 << 10;

/// A path and what answers there.
pub(super) struct Route {
    /// As axum spells it.
    pub(super) path: &'static str,
    answer: fn() -> MethodRouter<App>,
}

/// All of them. A new page is one line here and one file.
pub(super) const ROUTES: &[Route] = &[
    Route { path: "/", answer: || get(inbox::show) },
    Route { path: "/reviewed", answer: || post(inbox::review_all) },
    Route { path: "/events/{id}", answer: || get(event::show) },
    Route { path: "/events/{id}/review", answer: || post(event::review) },
    Route { path: "/events/{id}/change.html", answer: || get(event::save) },
    Route { path: "/releases/{id}", answer: || get(release::show) },
    Route { path: "/releases/{id}/compare", answer: || get(release::compare) },
    Route { path: "/releases/{id}/at", answer: || get(release::at) },
    Route { path: "/releases/{id}/versions/{number}", answer: || get(release::version) },
    Route { path: "/feeds", answer: || get(feeds::show) },
    Route { path: "/events.atom", answer: || get(feeds::all) },
    Route { path: "/inbox.atom", answer: || get(feeds::inbox) },
    Route { path: "/sources/{id}/events.atom", answer: || get(feeds::of_source) },
    Route { path: "/search", answer: || get(search::show) },
    Route { path: "/sources", answer: || get(source::list) },
    Route { path: "/sources/{id}", answer: || get(source::show) },
    Route { path: "/sources/{id}/check", answer: || post(source::check_now) },
    Route { path: "/alerts", answer: || get(alerts::show) },
    Route { path: "/alerts/retry", answer: || post(alerts::retry_all) },
    Route { path: "/alerts/{id}/retry", answer: || post(alerts::retry) },
    Route { path: "/zone", answer: || post(settings::set_zone) },
    Route { path: "/keys", answer: || get(settings::keys) },
    Route { path: "/snapshots/{id}", answer: || get(snapshot::text) },
    Route { path: "/snapshots/{id}/raw", answer: || get(snapshot::raw) },
    Route { path: "/api/v1/openapi.json", answer: || get(api::openapi) },
    Route { path: "/api/v1/events", answer: || get(api::events) },
    Route { path: "/api/v1/events/{id}", answer: || get(api::one_event) },
    Route { path: "/api/v1/events/{id}/change", answer: || get(api::event_change) },
    Route { path: "/api/v1/releases", answer: || get(api::releases) },
    Route { path: "/api/v1/releases/{id}", answer: || get(api::one_release) },
    Route { path: "/api/v1/releases/{id}/versions", answer: || get(api::versions) },
    Route { path: "/api/v1/releases/{id}/versions/{number}", answer: || get(api::one_version) },
    Route { path: "/api/v1/releases/{id}/change", answer: || get(api::release_change) },
    Route { path: "/login", answer: || get(access::show_login).post(access::log_in) },
    Route { path: "/logout", answer: || post(access::log_out) },
    Route { path: "/assets/{name}", answer: || get(layout::serve_asset) },
];

/// The pages, and the routes of others, behind the guard.
pub(super) fn router(app: &App, beside: Router) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        router = router.route(route.path, (route.answer)());
    }
    router
        .fallback(answer::not_found)
        .with_state(app.clone())
        .merge(beside)
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        // Outermost, so that nothing is reached without it.
        .layer(from_fn_with_state(app.clone(), guard::guard))
}
