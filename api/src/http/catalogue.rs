//! The catalogue for those who keep a copy of it: `/catalogue/changes` and `/catalogue/export`. What there is to be told is the house's to say; here is how long it is
//! waited for, and what it looks like over HTTP.
use super::cache::tag;
use super::failure::{Code, Refusal};
use super::hsds::{Form, JSON, NDJSON, Told, apart, enter, opened, streamed};
use super::origin::CURSOR;
use super::problem::problem;
use super::serve::Connection;
use super::{Front, House, RequestId, Visitor};
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Where it lies.
const ROOT: &str = "/catalogue";
/// The longest that changes are waited for, in seconds.
pub const LONGEST_WAIT: u32 = 30;

/// Serves everything below `/catalogue`.
pub(super) async fn answer<H: House>(State(front): State<Arc<Front<H>>>, Extension(id): Extension<RequestId>, request: Request) -> Response {
    serve(&front, &id, request).await.unwrap_or_else(|refusal| problem(refusal, &id))
}

async fn serve<H: House>(front: &Arc<Front<H>>, id: &RequestId, request: Request) -> Result<Response, Refusal> {
    let (parts, _) = request.into_parts();
    let (caller, changed, of) = opened(front, id, &parts, ROOT).await?;
    // Whoever waits holds something open, as whoever reads slowly does.
    let place = enter(front, &caller)?;
    let mut told = Told::to(front, &parts, &caller, changed);
    let closing = Connection::closing_of(parts.extensions.get::<Connection>());
    let patience = front.limits.request_timeout + Duration::from_secs(LONGEST_WAIT.into());
    let listing = tokio::select! {
        found = timeout(patience, front.house.catalogue(&caller.visitor, &of)) => match found {
            Ok(found) => found.map_err(Refusal::from)?,
            Err(_elapsed) => return Err(Refusal::new(Code::Timeout, "the answer took too long")),
        },
        () = closing => return Err(Refusal::new(Code::Unavailable, "the server is stopping: ask once more").retry_after(Duration::ZERO)),
    };
    // The whole catalogue at once costs no more than all that one has in a minute.
    front.rate.complexity(&caller.key, listing.cost.min(u64::from(front.limits.rate_complexity)))?;
    let cursor = listing.cursor.as_deref().and_then(|cursor| HeaderValue::try_from(cursor).ok());
    let mut response = match listing.form {
        Form::Whole | Form::Page => {
            let media = if listing.form == Form::Whole { JSON } else { NDJSON };
            let body = apart(front, move || listing.parts.flatten().collect::<Vec<u8>>()).await?;
            if listing.form == Form::Page {
                told.changed = None;
            }
            told.finish(&tag(&[media.as_bytes(), &body]), media, body.into())
        }
        Form::Lines | Form::Zip => {
            let media = if listing.form == Form::Lines { NDJSON } else { "application/zip" };
            // The cursor stands for all that was committed by then; the rest is the time at which it is told.
            let cursor = listing.cursor.unwrap_or_default();
            let language = caller.visitor.language().as_bytes();
            let tag = tag(&[
                of.origin.as_bytes(),
                of.query.as_bytes(),
                language,
                cursor.as_bytes(),
                &caller.version.to_be_bytes(),
                &changed.timestamp_micros().to_be_bytes(),
            ]);
            told.finish(&tag, media, streamed(listing.parts, place))
        }
    };
    if listing.form == Form::Zip {
        let name = HeaderValue::from_static("attachment; filename=\"monituottaja.zip\"");
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    if let Some(cursor) = cursor {
        response.headers_mut().insert(CURSOR, cursor);
    }
    Ok(response)
}
