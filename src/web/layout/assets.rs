//! Style and script. Their names carry the hash of what is in them, so that a browser keeps them for good.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

use crate::domain::hex::hex;
use crate::web::answer::Fault;

const STYLE: &str = include_str!("../assets/style.css");
const SCRIPT: &str = include_str!("../assets/keys.js");
const ICON: &str = include_str!("../assets/icon.svg");

static STYLE_NAME: LazyLock<String> = LazyLock::new(|| name("style", STYLE, "css"));
static SCRIPT_NAME: LazyLock<String> = LazyLock::new(|| name("keys", SCRIPT, "js"));
static ICON_NAME: LazyLock<String> = LazyLock::new(|| name("icon", ICON, "svg"));

/// The addresses of style and script, for templates.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Assets;

#[expect(clippy::unused_self, reason = "templates call methods of values")]
impl Assets {
    pub(in crate::web) fn style(self) -> String {
        format!("/assets/{}", *STYLE_NAME)
    }

    pub(in crate::web) fn script(self) -> String {
        format!("/assets/{}", *SCRIPT_NAME)
    }

    pub(in crate::web) fn icon(self) -> String {
        format!("/assets/{}", *ICON_NAME)
    }
}

/// One of them.
pub(in crate::web) async fn serve(Path(wanted): Path<String>) -> Result<Response, Fault> {
    let known = [
        (&*STYLE_NAME, STYLE, "text/css; charset=utf-8"),
        (&*SCRIPT_NAME, SCRIPT, "text/javascript; charset=utf-8"),
        (&*ICON_NAME, ICON, "image/svg+xml"),
    ];
    let found = known.into_iter().find(|(name, ..)| **name == wanted);
    let (_, content, kind) = found.ok_or_else(|| Fault::missing("There is no such file."))?;
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, content).into_response())
}

fn name(stem: &str, content: &str, extension: &str) -> String {
    format!("{stem}-{}.{extension}", &hex(&Sha256::digest(content))[..16])
}
