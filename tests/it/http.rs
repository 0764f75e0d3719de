//! HTTP: statuses, headers and problems, whatever is sent.

use crate::support::{Actor, Answer, on_each_database};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

const JSON: &str = "application/json";

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[track_caller]
fn is_problem(answer: &Answer, status: StatusCode, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(header(answer, "content-type"), "application/problem+json");
    assert_eq!(answer.body["code"], code);
    assert_eq!(answer.body["status"], status.as_u16());
    assert_eq!(answer.body["request_id"], header(answer, "x-request-id"));
    assert!(answer.body["detail"].is_string(), "{}", answer.body);
}

fn request(method: &str, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).body(Body::empty()).expect("a request")
}

fn bearer(token: &str) -> Actor {
    Actor { name: "somebody", token: Some(token.to_owned()) }
}

/// The links of a page: what stands in `src` and `href`.
fn links(page: &str) -> Vec<&str> {
    let after = |attribute: &'static str| page.split(attribute).skip(1).filter_map(|rest| rest.split('"').next());
    after("src=\"").chain(after("href=\"")).collect()
}

on_each_database! {
    async fn a_body_that_is_no_request_is_refused(world: World) {
        let bodies: Vec<Vec<u8>> = vec![
            b"".to_vec(),
            b"{".to_vec(),
            b"{\"query\": \"\xff\xfe\"}".to_vec(),
            b"\xff\xfe".to_vec(),
            b"[]".to_vec(),
            b"[{\"query\": \"{ viewer { name } }\"}]".to_vec(),
            b"\"{ viewer { name } }\"".to_vec(),
            b"null".to_vec(),
            b"{}".to_vec(),
            b"{\"query\": 1}".to_vec(),
            b"{\"query\": \"{ viewer { name } }\", \"variables\": []}".to_vec(),
            "[".repeat(10_000).into_bytes(),
        ];
        for body in bodies {
            let shown: String = String::from_utf8_lossy(&body).chars().take(60).collect();
            let answer = world.post(&world.reader, "/graphql", JSON, body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{shown}");
            assert_eq!(answer.error_code(), Some("BAD_USER_INPUT"), "{shown}");
            assert!(answer.body.get("data").is_none(), "{shown}");
        }
        let unknown = json!({"query": "{ viewer { name } }", "unknown": [1]}).to_string();
        let answer = world.post(&world.reader, "/graphql", JSON, unknown).await;
        assert_eq!(answer.data()["viewer"]["name"], "reader");
    }

    async fn who_sends_more_than_is_read_is_told_that_the_connection_ends(world: World) {
        let query = json!({"query": "{ viewer { name } }"}).to_string();
        let read = world.post(&world.reader, "/graphql", JSON, query.clone()).await;
        assert_eq!((read.status, header(&read, "connection")), (StatusCode::OK, ""));
        // Nobody reads what is sent to somebody who is only asked how it goes.
        for (body, told) in [(query, "close"), (String::new(), "")] {
            let request = Request::builder().method("GET").uri("/healthz").header("content-type", JSON);
            let well = world.send(&world.reader, request.body(Body::from(body)).expect("a request")).await;
            assert_eq!((well.status, header(&well, "connection")), (StatusCode::OK, told));
        }
    }

    async fn what_http_refuses_is_a_problem(world: World) {
        let query = json!({"query": "{ viewer { name } }"}).to_string();
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=utf-16"] {
            let answer = world.post(&world.reader, "/graphql", content_type, query.clone()).await;
            is_problem(&answer, StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE");
        }
        let answer = world.post(&world.reader, "/graphql", JSON, "x".repeat(1_048_577)).await;
        is_problem(&answer, StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE");
        for path in ["/nowhere", "/graphql/", "/graphiql/nothing.js", "/graphiql/..%2f..%2fCargo.toml", "/metrics"] {
            is_problem(&world.get(&world.reader, path).await, StatusCode::NOT_FOUND, "NOT_FOUND");
        }
        for (method, path, allowed) in [("PUT", "/graphql", "POST"), ("DELETE", "/graphql", "GET"), ("POST", "/healthz", "GET")] {
            let answer = world.send(&world.reader, request(method, path)).await;
            is_problem(&answer, StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED");
            assert!(header(&answer, "allow").contains(allowed), "{method} {path} allows {:?}", header(&answer, "allow"));
        }
        let mut unwanted = request("GET", "/graphql?query=%7Bviewer%7Bname%7D%7D");
        unwanted.headers_mut().insert("accept", "text/html".parse().expect("a header"));
        is_problem(&world.send(&world.reader, unwanted).await, StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE");
    }

    async fn get_reads_and_never_writes(world: World) {
        let answer = world.get(&world.reader, "/graphql?query=%7Bviewer%7Bname%7D%7D").await;
        assert_eq!(answer.data()["viewer"]["name"], "reader");
        let before = world.last_sequence().await;
        let mutation = "/graphql?query=mutation%7BcreateTeam(input%3A%7Bslug%3A%22x%22%7D)%7Berrors%7Bcode%7D%7D%7D";
        let answer = world.get(&world.owner, mutation).await;
        is_problem(&answer, StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED");
        assert_eq!(header(&answer, "allow"), "POST");
        assert_eq!(world.last_sequence().await, before);
    }

    async fn what_does_not_fit_to_the_schema_has_a_code(world: World) {
        for (query, code) in [
            ("{ viewer { nonsense } }", "GRAPHQL_VALIDATION_FAILED"),
            ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
            ("mutation { createTeam(input: {slug: \"x\", nonsense: 1}) { errors { code } } }", "GRAPHQL_VALIDATION_FAILED"),
            ("{ viewer { name }", "GRAPHQL_PARSE_FAILED"),
            ("", "GRAPHQL_PARSE_FAILED"),
        ] {
            let answer = world.graphql(&world.owner, query, json!({})).await;
            assert_eq!((answer.status, answer.error_code()), (StatusCode::OK, Some(code)), "{query}");
            assert!(answer.body.get("data").is_none(), "{query}");
            assert_eq!(answer.body["errors"][0]["extensions"]["requestId"], header(&answer, "x-request-id"));
            let strict = Request::post("/graphql").header("content-type", JSON).header("accept", "application/graphql-response+json");
            let strict = strict.body(Body::from(json!({"query": query}).to_string())).expect("a request");
            let answer = world.send(&world.owner, strict).await;
            assert_eq!((answer.status, answer.error_code()), (StatusCode::BAD_REQUEST, Some(code)), "{query}");
        }
    }

    async fn a_token_that_is_of_no_use_is_unauthenticated(world: World) {
        let unknown = format!("idg_{}", "A".repeat(43));
        let long = format!("idg_{}", "A".repeat(5_000));
        let mut answers = Vec::new();
        for token in ["nonsense", "idg_", unknown.as_str(), long.as_str()] {
            let answer = world.graphql(&bearer(token), "{ viewer { name } }", json!({})).await;
            answers.push((answer, r#"Bearer error="invalid_token""#));
        }
        for value in ["Basic eDp5", "Bearer", "Bearer a b", ""] {
            let mut request = request("GET", "/graphql?query=%7Bviewer%7Bname%7D%7D");
            request.headers_mut().insert("authorization", value.parse().expect("a header"));
            answers.push((world.send(&world.nobody, request).await, "Bearer"));
        }
        for (answer, challenge) in answers {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
            assert_eq!(header(&answer, "www-authenticate"), challenge);
            assert_eq!(answer.error_code(), Some("UNAUTHENTICATED"));
            assert!(answer.body.get("data").is_none());
        }
        let answer = world.graphql(&world.nobody, "{ viewer { name } }", json!({})).await;
        assert!(answer.data()["viewer"].is_null());
        let answer = world.graphql(&world.nobody, "{ profiles { totalCount } }", json!({})).await;
        assert_eq!(answer.error_code(), Some("UNAUTHENTICATED"));
    }

    async fn every_request_has_an_id(world: World) {
        for path in ["/healthz", "/readyz", "/nowhere", "/graphql?query=%7Bviewer%7Bname%7D%7D"] {
            let made = world.get(&world.reader, path).await;
            assert!(header(&made, "x-request-id").starts_with("req_"), "{path}");
            let mut named = request("GET", path);
            named.headers_mut().insert("x-request-id", "trace-7".parse().expect("a header"));
            assert_eq!(header(&world.send(&world.reader, named).await, "x-request-id"), "trace-7", "{path}");
            let mut unfit = request("GET", path);
            unfit.headers_mut().insert("x-request-id", "two words".parse().expect("a header"));
            assert!(header(&world.send(&world.reader, unfit).await, "x-request-id").starts_with("req_"), "{path}");
        }
    }

    async fn a_server_that_is_well_says_so(world: World) {
        for path in ["/healthz", "/readyz", "/readyz"] {
            let answer = world.get(&world.nobody, path).await;
            assert_eq!((answer.status, &answer.body), (StatusCode::OK, &json!({"status": "ok"})), "{path}");
            assert_eq!(header(&answer, "cache-control"), "no-store");
        }
    }

    async fn graphiql_comes_whole_and_refers_to_no_other_host(world: World) {
        let page = world.get(&world.nobody, "/graphiql").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(header(&page, "content-type").starts_with("text/html"));
        let policy = header(&page, "content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"), "{policy}");
        assert!(!policy.contains("http") && !policy.contains("unsafe"), "{policy}");
        let text = page.body.as_str().expect("a page");
        let links = links(text);
        assert!(links.len() >= 6, "{links:?}");
        let files = links.into_iter().filter(|link| !link.starts_with("data:")).chain(["/graphiql/examples.json"]);
        for file in files {
            assert!(file.starts_with("/graphiql/"), "the page refers to {file}");
            let answer = world.get(&world.nobody, file).await;
            assert_eq!(answer.status, StatusCode::OK, "{file}");
            assert_eq!(header(&answer, "content-security-policy"), policy, "{file}");
            assert_eq!(header(&answer, "x-content-type-options"), "nosniff", "{file}");
            let text = answer.body.as_str().map_or_else(|| answer.body.to_string(), str::to_owned);
            assert!(!text.contains("@import") && !text.contains("url(http") && !text.contains("url(//"), "{file}");
            // What others wrote names their projects in comments and messages; our own files name nobody.
            if !file.contains(".min.") && !file.contains(".production.") {
                assert!(!text.contains("http://") && !text.contains("https://"), "{file} refers to another host");
            }
        }
        assert!(!text.contains("http://") && !text.contains("https://"), "the page refers to another host");
        let root = world.get(&world.nobody, "/").await;
        assert_eq!((root.status, header(&root, "location")), (StatusCode::TEMPORARY_REDIRECT, "/graphiql"));
    }

    async fn nothing_that_is_sent_brings_the_database_to_speak(world: World) {
        let ada = world.user("ada").await;
        for (query, variables) in hostile(&ada) {
            for actor in [&world.owner, &world.root] {
                let answer = world.graphql(actor, query, variables.clone()).await;
                let text = answer.body.to_string();
                let code = answer.error_code().unwrap_or_default();
                assert!(!matches!(code, "INTERNAL" | "UNAVAILABLE"), "{query} {variables}: {text}");
                for word in ["SELECT", "INSERT", "sqlx", "Sqlx", "constraint", "node_keys", "linked_identities", "_key", "SQLSTATE"] {
                    assert!(!text.contains(word), "{query} {variables} says {word}: {text}");
                }
            }
        }
    }
}

/// Requests with texts and numbers that a database may choke on.
fn hostile(user: &str) -> Vec<(&'static str, Value)> {
    let filter =
        "query($f: ProfileFilter) { profiles(organization: \"acme\", filter: $f) { totalCount nodes { id } } }";
    let by = "query($by: ProfileKey!) { profile(by: $by) { id } }";
    let update = "mutation($i: UpdateProfileInput!) { updateProfile(input: $i) { errors { code field message } } }";
    let mut requests = Vec::new();
    for text in
        ["\u{0}", "a\u{0}b", "'; DROP TABLE profiles; --", "%", "_", "\\", "\u{feff}", "\u{202e}", "😀", "\u{10ffff}"]
    {
        requests.extend([
            ("query($t: String!) { organization(slug: $t) { id } }", json!({"t": text})),
            ("query($t: String!) { search(text: $t) { totalCount nodes { id } } }", json!({"t": text})),
            ("query($t: String!) { search(text: \"a\", organization: $t) { totalCount } }", json!({"t": text})),
            ("query($t: String!) { profiles(organization: $t) { totalCount } }", json!({"t": text})),
            ("query($t: ID!) { node(id: $t) { id } }", json!({"t": text})),
            (by, json!({"by": {"username": {"organization": "acme", "username": text}}})),
            (by, json!({"by": {"username": {"organization": text, "username": "ada"}}})),
            (by, json!({"by": {"email": text}})),
            (by, json!({"by": {"identity": {"provider": text, "accountId": "1"}}})),
            (by, json!({"by": {"identity": {"provider": "github", "accountId": text}}})),
            (by, json!({"by": {"identity": {"provider": "github", "environment": text, "accountId": "1"}}})),
            (filter, json!({"f": {"username": {"eq": text}}})),
            (filter, json!({"f": {"username": {"in": [text, "ada"]}}})),
            (filter, json!({"f": {"displayName": {"prefix": text}}})),
            (filter, json!({"f": {"tag": {"eq": text}}})),
            (filter, json!({"f": {"phone": {"eq": text}}})),
            (filter, json!({"f": {"externalId": {"client": text, "eq": text}}})),
            ("query($t: String!) { teams(organization: \"acme\", filter: {slug: {eq: $t}}) { totalCount } }", json!({"t": text})),
            ("query($t: String!) { groups(organization: \"acme\", filter: {name: {prefix: $t}}) { totalCount } }", json!({"t": text})),
            ("query($t: String!) { roles(organization: \"acme\", filter: {slug: {in: [$t]}}) { totalCount } }", json!({"t": text})),
            ("query($t: String!) { identities(organization: \"acme\", filter: {provider: {eq: $t}, environment: {eq: $t}, accountId: {eq: $t}, email: {eq: $t}}) { totalCount nodes { id } } }", json!({"t": text})),
            (update, json!({"i": {"id": user, "title": text, "expectedVersion": 99}})),
        ]);
    }
    requests.extend([
        ("{ profiles(organization: \"acme\", first: 99999999999999999999) { totalCount } }", json!({})),
        ("query($n: Int) { profiles(organization: \"acme\", first: $n) { totalCount } }", json!({"n": i64::MAX})),
        (filter, json!({"f": {"createdAt": {"after": "-262143-01-01T00:00:00Z"}}})),
        (filter, json!({"f": {"createdAt": {"before": "+262142-12-31T23:59:59Z"}}})),
        (update, json!({"i": {"id": user, "expectedVersion": i64::MAX}})),
        (update, json!({"i": {"id": user, "expectedVersion": u64::MAX}})),
        (update, json!({"i": {"id": user, "expectedVersion": 1e300}})),
        (update, json!({"i": {"id": user, "metadata": {"n": 1e300, "m": u64::MAX}}})),
    ]);
    requests
}
