//! Feeds that lie at an address, for the command line: page by page, as the API of HSDS (HSDA) answers them. Who gives the address is trusted, what lies there is not.
use crate::identity::settings::is_loopback;
use reqwest::{Client, StatusCode, redirect::Policy};
use serde::Deserialize;
use std::time::Duration;
use url::Url;

/// The most pages of a feed.
const MOST_PAGES: usize = 1_000;
/// How long a server may take to be reached.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a page may take.
const PAGE: Duration = Duration::from_mins(1);

/// Why a feed cannot be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Neither https nor this machine.
    #[error("a feed is fetched over https, or over http from this machine")]
    Insecure,
    /// The server cannot be reached, or breaks off.
    #[error("the server cannot be asked")]
    Request(#[from] reqwest::Error),
    /// Another answer than a page; a redirect too, which is not followed.
    #[error("the server answers {0}")]
    Status(StatusCode),
    /// The pages are larger together than a file may be (bytes).
    #[error("it has more than {0} bytes")]
    TooLong(usize),
    /// More pages than a feed has.
    #[error("it has more than {MOST_PAGES} pages")]
    TooManyPages,
    /// Asked for a page, it answers with another one: so it would go on for ever.
    #[error("asked for page {asked}, the server answers page {answered}")]
    OtherPage {
        /// The number of the page that was asked for.
        asked: u64,
        /// The number of the page that came.
        answered: u64,
    },
}

/// What a page says of the others.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Page {
    #[serde(rename = "page_number")]
    number: Option<u64>,
    #[serde(rename = "total_pages")]
    total: Option<u64>,
    #[serde(rename = "last_page")]
    last: Option<bool>,
}

impl Page {
    /// There is one after it.
    fn goes_on(&self, number: u64) -> bool {
        match (self.last, self.total) {
            (Some(last), _) => !last,
            (None, Some(total)) => number < total,
            (None, None) => false,
        }
    }
}

/// Fetches a feed of at most so many bytes, all of its pages one after the other.
///
/// # Errors
/// Why it cannot be fetched; then nothing of it is told.
pub async fn pages(first: &Url, most: usize) -> Result<Vec<u8>, FetchError> {
    let loopback = is_loopback(first);
    if first.scheme() != "https" && !(first.scheme() == "http" && loopback) {
        return Err(FetchError::Insecure);
    }
    let mut http = Client::builder().redirect(Policy::none()).https_only(!loopback).connect_timeout(CONNECT).timeout(PAGE);
    if loopback {
        http = http.no_proxy();
    }
    let http = http.user_agent(concat!("monituottaja/", env!("CARGO_PKG_VERSION"))).build()?;
    let mut feed = Vec::new();
    let mut asked = None;
    for _ in 0..MOST_PAGES {
        let begins = feed.len();
        let address = asked.map_or_else(|| first.clone(), |number| numbered(first, number));
        add(&http, address, &mut feed, most).await?;
        // What is no page has no others; whether it is a feed at all is judged by whoever reads it.
        let page: Page = serde_json::from_slice(&feed[begins..]).unwrap_or_default();
        let number = page.number.or(asked).unwrap_or(1);
        if let Some(asked) = asked.filter(|asked| *asked != number) {
            return Err(FetchError::OtherPage { asked, answered: number });
        }
        if !page.goes_on(number) {
            return Ok(feed);
        }
        feed.push(b'\n');
        asked = Some(number + 1);
    }
    Err(FetchError::TooManyPages)
}

/// Adds what lies at an address.
async fn add(http: &Client, address: Url, feed: &mut Vec<u8>, most: usize) -> Result<(), FetchError> {
    // No fault tells the address: it may have a key in it.
    let told = |fault: reqwest::Error| FetchError::Request(fault.without_url());
    let mut answer = http.get(address).header("accept", "application/json, application/x-ndjson").send().await.map_err(told)?;
    if answer.status() != StatusCode::OK {
        return Err(FetchError::Status(answer.status()));
    }
    while let Some(part) = answer.chunk().await.map_err(told)? {
        if feed.len() + part.len() > most {
            return Err(FetchError::TooLong(most));
        }
        feed.extend_from_slice(&part);
    }
    Ok(())
}

/// The address of a page.
fn numbered(first: &Url, number: u64) -> Url {
    let others: Vec<(String, String)> = first.query_pairs().filter(|(name, _)| name != "page").map(|(name, value)| (name.into(), value.into())).collect();
    let mut address = first.clone();
    address.query_pairs_mut().clear().extend_pairs(others).append_pair("page", &number.to_string());
    address
}
