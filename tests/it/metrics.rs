//! `/metrics` tells what the server has done, to those who may know, and lets no client make it grow.

use crate::support::{Actor, World, on_each_database};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use chrono::TimeDelta;
use serde_json::json;

const ON: (&str, &str) = ("metrics.enabled", "true");

/// What is served, as text.
async fn scrape(world: &World) -> String {
    let answer = world.get(&world.nobody, "/metrics").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let text = answer.body.as_str().expect("text").to_owned();
    assert!(text.ends_with("# EOF\n"), "{text}");
    text
}

/// The number of one series; none if there is no such series.
fn number(text: &str, series: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map(|number| number.parse().expect("a number"))
}

/// How many operations of a type had an outcome.
fn operations(text: &str, kind: &str, outcome: &str) -> Option<f64> {
    number(text, &format!("idgraph_graphql_operation_duration_seconds_count{{type=\"{kind}\",outcome=\"{outcome}\"}}"))
}

fn requests(text: &str, method: &str, route: &str, status: &str) -> Option<f64> {
    let labels = format!("{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
    number(text, &format!("idgraph_http_request_duration_seconds_count{labels}"))
}

fn series(text: &str) -> usize {
    text.lines().filter(|line| !line.starts_with('#')).count()
}

on_each_database! {
    async fn what_the_server_has_done_is_counted(world: World) {
        let world = world.configured(&[ON]);
        world.query(&world.reader, "{ viewer { name } }").await;
        world.user("ada").await;
        for (actor, query) in [(&world.reader, "{ nonsense }"), (&world.reader, "{"), (&world.nobody, "{ profiles { totalCount } }")] {
            world.graphql(actor, query, json!({})).await;
        }
        world.get(&world.nobody, "/nowhere").await;
        let text = scrape(&world).await;
        assert_eq!(operations(&text, "query", "ok"), Some(1.0), "{text}");
        assert_eq!(operations(&text, "mutation", "ok"), Some(1.0));
        assert_eq!(operations(&text, "query", "refused"), Some(1.0));
        assert_eq!(operations(&text, "none", "refused"), Some(1.0));
        assert_eq!(operations(&text, "query", "errors"), Some(1.0));
        assert_eq!(requests(&text, "POST", "/graphql", "2xx"), Some(5.0));
        assert_eq!(requests(&text, "GET", "none", "4xx"), Some(1.0));
        assert_eq!(requests(&text, "GET", "/metrics", "2xx"), None);
        assert_eq!(requests(&scrape(&world).await, "GET", "/metrics", "2xx"), Some(1.0));
    }

    async fn what_the_server_is_doing_is_looked_up(world: World) {
        let world = world.configured(&[ON]);
        let commits = number(&scrape(&world).await, "idgraph_write_commit_jobs_count").expect("a count");
        world.user("ada").await;
        world.clock.advance(TimeDelta::seconds(90));
        let waiting = world.number_behind("SELECT COUNT(*) FROM outbox").await;
        let text = scrape(&world).await;
        assert_eq!(number(&text, "idgraph_write_commit_jobs_count"), Some(commits + 1.0), "{text}");
        assert_eq!(number(&text, "idgraph_write_jobs_waiting"), Some(0.0));
        assert_eq!(number(&text, "idgraph_outbox_events").map(|events| events as i64), Some(waiting));
        assert!(number(&text, "idgraph_outbox_oldest_age_seconds").is_some_and(|age| age >= 90.0), "{text}");
        for pool in ["read", "write"] {
            let of = |state| number(&text, &format!("idgraph_database_connections{{pool=\"{pool}\",state=\"{state}\"}}"));
            assert!(of("in_use").zip(of("idle")).is_some_and(|(in_use, idle)| in_use + idle >= 1.0), "{text}");
        }
        assert!(number(&text, "idgraph_uptime_seconds").is_some_and(|uptime| uptime > 0.0));
        assert!(text.contains(&format!("idgraph_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"))));
        #[cfg(target_os = "linux")]
        assert!(number(&text, "process_resident_memory_bytes").is_some_and(|bytes| bytes > 1_000_000.0));

        world.tamper("DELETE FROM outbox").await;
        let text = scrape(&world).await;
        assert_eq!(number(&text, "idgraph_outbox_events"), Some(0.0));
        assert_eq!(number(&text, "idgraph_outbox_oldest_age_seconds"), Some(0.0));
        world.tamper("ALTER TABLE outbox RENAME TO hidden").await;
        let text = scrape(&world).await;
        assert_eq!(number(&text, "idgraph_outbox_events"), None, "what is not known is not told");
    }

    async fn no_client_can_make_it_grow(world: World) {
        let world = world.configured(&[ON]);
        let send = async |round: usize| {
            let query = format!("query name{round} {{ viewer {{ alias{round}: name }} }}");
            world.graphql(&world.reader, &query, json!({})).await;
            world.get(&world.reader, &format!("/path-{round}")).await;
            world.get(&world.reader, &format!("/graphiql/file-{round}")).await;
            let method = format!("METHOD{round}");
            world.send(&world.reader, Request::builder().method(method.as_str()).uri("/graphql").body(Body::empty()).expect("a request")).await;
        };
        send(0).await;
        scrape(&world).await;
        let before = series(&scrape(&world).await);
        for round in 1..20 {
            send(round).await;
        }
        let text = scrape(&world).await;
        assert_eq!(series(&text), before, "{text}");
        for word in ["name1", "path-1", "file-1", "METHOD"] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }

    async fn only_those_who_may_know_are_told(world: World) {
        let off = world.configured(&[]);
        assert_eq!(off.get(&off.root, "/metrics").await.status, StatusCode::NOT_FOUND);
        let token = "a-token-for-prometheus";
        let world = off.configured(&[ON, ("metrics.token", token)]);
        let bearer = |token: &str| Actor { name: "prometheus", token: Some(token.to_owned()) };
        for actor in [&world.nobody, &world.root, &bearer("a-token-for-prometheuS"), &bearer("a-token")] {
            let answer = world.get(actor, "/metrics").await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{actor:?}");
            assert_eq!(answer.body["code"], "UNAUTHENTICATED");
            assert!(answer.headers.contains_key("www-authenticate"));
        }
        let answer = world.get(&bearer(token), "/metrics").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(!answer.body.to_string().contains(token));
    }
}
