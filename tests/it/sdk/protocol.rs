//! HTTP: who asks, in how many ways that can be said, what is read as a body, and what is not there.

use super::{data, expected, refusal, send};
use crate::oauth::Client;
use crate::support::{each, on_each_database};
use axum::body::Body;
use axum::http::{Request, header};
use idgraph::sdk::operations;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn no_path_is_there_twice() {
    let paths: Vec<String> = operations::places().map(|place| place.path).collect();
    assert_eq!(paths.iter().collect::<BTreeSet<_>>().len(), paths.len());
}

on_each_database! {
    async fn a_client_says_who_it_is_in_the_query_the_header_or_the_body(world: World) {
        world.user("ada").await;
        let client = Client::of(&world, &world.editor).await;
        let query = format!("clientId={}&clientSecret={}", client.id, client.secret);
        let ask = async |path: String, headers: &[(&str, String)], body: Option<Value>| {
            let mut request = Request::builder().method(if body.is_some() { "POST" } else { "GET" }).uri(path);
            for (name, value) in headers {
                request = request.header(*name, value);
            }
            let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
            world.send(&world.nobody, request.body(body).expect("a request")).await
        };
        let users = "/api/get-users?owner=acme";
        let basic = [("authorization", client.basic())];
        for answer in [
            ask(format!("{users}&{query}"), &[], None).await,
            ask(users.to_owned(), &basic, None).await,
            ask(format!("{users}&{query}"), &basic, None).await,
        ] {
            assert_eq!(each(&data(&answer), "name"), ["ada"]);
        }
        let change = json!({"owner": "acme", "name": "ada", "title": "Engineer"});
        let mut with_credential = change.clone();
        with_credential["clientId"] = json!(client.id);
        with_credential["clientSecret"] = json!(client.secret);
        for (path, headers, body) in [
            (format!("/api/update-user?{query}"), &[][..], &change),
            ("/api/update-user".to_owned(), &[], &with_credential),
        ] {
            assert_eq!(data(&ask(path, headers, Some(body.clone())).await)["title"], "Engineer");
        }
        // Who sends a header knows what it has changed.
        let answer = ask("/api/update-user".to_owned(), &basic, Some(change.clone())).await;
        assert_eq!(data(&answer), "Affected");
        let wrong = format!("clientId={}&clientSecret=idg_wrong", client.id);
        let other = Client::of(&world, &world.reader).await;
        let stolen = format!("clientId={}&clientSecret={}", client.id, other.secret);
        for (path, headers) in [
            (users.to_owned(), &[][..]),
            (format!("{users}&{wrong}"), &[]),
            (format!("{users}&{stolen}"), &[]),
            (users.to_owned(), &[("authorization", "Basic eA==".to_owned())]),
            (users.to_owned(), &[("authorization", "Bearer idg_wrong".to_owned())]),
            (users.to_owned(), &[("authorization", "Digest x".to_owned())]),
        ] {
            let answer = ask(path.clone(), headers, None).await;
            assert_eq!(refusal(&answer), expected(401, "UNAUTHENTICATED", ""), "{path}");
            assert!(answer.headers.contains_key(header::WWW_AUTHENTICATE), "{path}");
        }
        let answer = ask("/api/update-user".to_owned(), &[], Some(change)).await;
        assert_eq!(refusal(&answer), expected(401, "UNAUTHENTICATED", ""));
    }

    async fn a_body_is_read_in_whatever_form_it_comes(world: World) {
        world.user("ada").await;
        let parts = "--x\r\nContent-Disposition: form-data; name=\"owner\"\r\n\r\nacme\r\n--x\r\nContent-Disposition: \
            form-data; name=\"name\"\r\n\r\nada\r\n--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nparts\r\n--x--\r\n";
        for (content_type, body, title) in [
            ("text/plain", r#"{"owner": "acme", "name": "ada", "title": "text"}"#, "text"),
            ("application/json", r#"{"owner": "acme", "name": "ada", "title": "json"}"#, "json"),
            ("application/x-www-form-urlencoded", "owner=acme&name=ada&title=form", "form"),
            ("multipart/form-data; boundary=x", parts, "parts"),
        ] {
            let answer = world.post(&world.editor, "/api/update-user", content_type, body).await;
            assert_eq!(data(&answer)["title"], title);
        }
        for (content_type, body) in [
            ("application/json", "{"),
            ("application/json", "[]"),
            ("application/json", "{\"title\": \"a\", \"title\": \"b\"}"),
            ("multipart/form-data", parts),
            ("multipart/form-data; boundary=x", "--x\r\nnothing"),
        ] {
            for path in ["/api/update-user", "/v1/iam/update-user"] {
                let answer = world.post(&world.editor, path, content_type, body).await;
                assert_eq!(refusal(&answer), expected(400, "BAD_REQUEST", ""), "{content_type}: {body}");
            }
        }
        let large = format!("{{\"title\": \"{}\"}}", "x".repeat(2 << 20));
        let answer = world.post(&world.editor, "/api/update-user", "application/json", large).await;
        assert_eq!(refusal(&answer), expected(413, "PAYLOAD_TOO_LARGE", ""));
    }

    async fn what_is_not_there_is_a_problem(world: World) {
        for path in ["/api", "/api/", "/api/get-nothing", "/api/enforce", "/v1/iam", "/v1/iam/nothing", "/v1/iam/login", "/v1/iam/users/x"] {
            let answer = world.get(&world.owner, path).await;
            assert_eq!((answer.status.as_u16(), &answer.body["code"]), (404, &json!("NOT_FOUND")), "{path}");
            assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json", "{path}");
            // Where packages look for a message.
            let message = answer.body.get("msg");
            assert_eq!(message, Some(&answer.body["detail"]).filter(|_| path.starts_with("/api/")), "{path}");
        }
        for (method, path) in [("GET", "/api/add-user"), ("POST", "/api/get-users"), ("DELETE", "/v1/iam/users")] {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).expect("a request");
            let answer = world.send(&world.owner, request).await;
            assert_eq!((answer.status.as_u16(), &answer.body["code"]), (405, &json!("METHOD_NOT_ALLOWED")), "{path}");
            let message = answer.body.get("msg");
            assert_eq!(message, Some(&answer.body["detail"]).filter(|_| path.starts_with("/api/")), "{path}");
        }
    }

    async fn nobody_is_told_anything_in_either_spelling(world: World) {
        for place in operations::places() {
            let method = place.operation.method.name();
            let body = (method == "POST").then(|| json!({}));
            let answer = send(&world, &world.nobody, (method, &place.path), body).await;
            assert_eq!(refusal(&answer), expected(401, "UNAUTHENTICATED", ""), "{}", place.path);
        }
    }
}
