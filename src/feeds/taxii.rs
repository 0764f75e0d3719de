//! Collections of TAXII 2.1: the objects that were added since the last time, page by page (section 5.4).

use super::fetch::{Answer, Web};
use super::stix::{Envelope, Indicators};
use crate::domain::feed::{Bookmarks, MAX_ENTRIES};
use crate::resolvers::feeds::{Fetched, Order};
use url::Url;

/// The media type of TAXII 2.1 (section 1.6.8).
const MEDIA_TYPE: &str = "application/taxii+json;version=2.1";
/// How many objects are asked for at once.
const PAGE: &str = "1000";
/// How many pages are read in one go; then the collection is asked again from there.
const MAX_PAGES: usize = 200;

/// What the collection has that is new.
pub(super) async fn collect(web: &Web, order: &Order) -> Result<Fetched, String> {
    let base = objects_of(&order.url)?;
    let mut indicators = Indicators::default();
    let mut bookmarks = Bookmarks { added_after: order.bookmarks.added_after.clone(), ..Bookmarks::default() };
    let mut next: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let url = page(&base, (order.bookmarks.added_after.as_deref(), next.as_deref()));
        let answer = web.get(order, (url.as_str(), MEDIA_TYPE), &Bookmarks::default()).await?;
        let Answer::Body { body, added_last, .. } = answer else {
            return Err("it says that nothing has changed, but was not asked".to_owned());
        };
        let envelope: Envelope =
            serde_json::from_slice(&body).map_err(|_| "it does not answer with an envelope of TAXII 2.1".to_owned())?;
        let (more, following) = (envelope.more, envelope.next.clone());
        indicators.take(envelope);
        if indicators.named.max(indicators.count()) > MAX_ENTRIES {
            return Err(format!("it has more than {MAX_ENTRIES} indicators or networks"));
        }
        bookmarks.added_after = added_last.or(bookmarks.added_after);
        if !more {
            return Ok(news(indicators, bookmarks, false));
        }
        // It may be the same each time: what it stands for moves on.
        next = Some(following.ok_or("it says that there is more, but not where")?);
    }
    if bookmarks.added_after == order.bookmarks.added_after {
        return Err(format!(
            "it does not come to an end within {MAX_PAGES} pages, and does not say how far it has come"
        ));
    }
    Ok(news(indicators, bookmarks, true))
}

fn news(indicators: Indicators, bookmarks: Bookmarks, more: bool) -> Fetched {
    let skipped = indicators.skipped;
    Fetched::News { told: indicators.into_told(), skipped, bookmarks, more }
}

/// Where the objects of a collection are, whether or not that was named.
fn objects_of(collection: &str) -> Result<Url, String> {
    let mut url = Url::parse(collection).map_err(|error| format!("its URL is none: {error}"))?;
    url.set_query(None);
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/objects").unwrap_or(path);
    let path = format!("{path}/objects/");
    url.set_path(&path);
    Ok(url)
}

fn page(base: &Url, (added_after, next): (Option<&str>, Option<&str>)) -> Url {
    let mut url = base.clone();
    let mut query = url.query_pairs_mut();
    query.append_pair("match[type]", "indicator").append_pair("limit", PAGE);
    for (name, value) in [("added_after", added_after), ("next", next)] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    drop(query);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_is_found_by_any_of_its_names() {
        let there = "https://taxii.example/api1/collections/1/objects/";
        for name in [
            "https://taxii.example/api1/collections/1",
            "https://taxii.example/api1/collections/1/",
            there,
            "https://taxii.example/api1/collections/1/objects?x=1",
        ] {
            assert_eq!(objects_of(name).expect("a URL").as_str(), there);
        }
        let url = page(&objects_of(there).expect("a URL"), (Some("2026-01-01T00:00:00Z"), Some("a b")));
        assert_eq!(
            url.query(),
            Some("match%5Btype%5D=indicator&limit=1000&added_after=2026-01-01T00%3A00%3A00Z&next=a+b")
        );
    }
}
