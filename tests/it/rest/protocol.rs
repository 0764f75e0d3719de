//! What HTTP itself asks for: methods, media types, sizes, limits, and problems for all of it.

use super::{header_of, refusal, refused, send};
use crate::support::on_each_database;
use axum::body::Body;
use axum::http::Request;
use serde_json::json;

on_each_database! {
    async fn whatever_is_no_request_is_a_problem(world: World) {
        for path in ["/v1", "/v1/other", "/v1/profiles/x/other", "/v1/profiles/"] {
            let answer = world.get(&world.admin, path).await;
            assert_eq!((answer.status.as_u16(), &answer.body["code"]), (404, &json!("NOT_FOUND")), "{path}");
            assert_eq!(answer.headers["content-type"], "application/problem+json");
        }
        for id in ["x", "usr_x", "grp_01jd8s6vq9e0v8k2m4n6p8r0t2", "%ff", "a%2Fb"] {
            let found = refused(&world, &world.admin, ("GET", &format!("/v1/profiles/{id}")), None).await;
            assert_eq!(found, refusal(404, "NOT_FOUND", "id"), "{id}");
        }
        let answer = world.send(&world.admin, Request::delete("/v1/profiles").body(Body::empty()).expect("a request")).await;
        assert_eq!((answer.status.as_u16(), &answer.body["code"]), (405, &json!("METHOD_NOT_ALLOWED")));
        assert_eq!(header_of(&answer, "allow"), "GET,HEAD,POST");
        for (kind, body, status, code) in [
            ("text/plain", "{}", 415, "UNSUPPORTED_MEDIA_TYPE"),
            ("application/json; charset=latin1", "{}", 415, "UNSUPPORTED_MEDIA_TYPE"),
            ("application/json", "{", 400, "BAD_REQUEST"),
            ("application/json", "", 400, "BAD_REQUEST"),
            ("application/json", "{\"username\": \"\\ud800\"}", 400, "BAD_REQUEST"),
            ("application/json", &"[".repeat(10_000), 400, "BAD_REQUEST"),
            ("application/json", "{\"username\": \"ada\", \"username\": \"bob\"}", 400, "BAD_REQUEST"),
            ("application/json; charset=UTF-8", "null", 422, "BAD_USER_INPUT"),
        ] {
            let answer = world.post(&world.admin, "/v1/profiles", kind, body.to_owned()).await;
            assert_eq!((answer.status.as_u16(), &answer.body["code"]), (status, &json!(code)), "{kind} {body:.20}");
        }
    }

    async fn a_head_is_a_get_without_its_body(world: World) {
        let path = format!("/v1/profiles/{}", world.user("ada").await);
        let answer = world.send(&world.reader, Request::head(&path).body(Body::empty()).expect("a request")).await;
        assert_eq!((answer.status.as_u16(), &answer.body), (200, &json!("")));
        assert!(answer.headers.contains_key("etag"));
    }

    async fn what_is_too_much_is_refused(world: World) {
        let world = world.configured(&[("server.max_body_bytes", "1024"), ("rate_limits.enabled", "true"),
            ("rate_limits.burst", "60"), ("rate_limits.cost_per_minute", "60")]);
        let large = json!({"username": "x".repeat(2_000)});
        let found = refused(&world, &world.editor, ("POST", "/v1/profiles"), Some(large)).await;
        assert_eq!(found, refusal(413, "PAYLOAD_TOO_LARGE", ""));
        // A page costs as much as it may have entries, as it does in GraphQL and SCIM.
        let first = send(&world, &world.reader, ("GET", "/v1/profiles"), &[], None).await;
        assert_eq!(first.status, 200);
        assert!(header_of(&first, "ratelimit").contains("r=10"), "{:?}", first.headers);
        let second = send(&world, &world.reader, ("GET", "/v1/profiles"), &[], None).await;
        assert_eq!((second.status.as_u16(), &second.body["code"]), (429, &json!("RATE_LIMITED")));
        assert_eq!(header_of(&second, "retry-after"), "40");
        let ever = refused(&world, &world.reader, ("GET", "/v1/profiles?page%5Blimit%5D=200"), None).await;
        assert_eq!(ever, refusal(413, "TOO_COMPLEX", ""));
    }

    async fn who_may_change_but_not_read_is_told_that_it_is_done(world: World) {
        use idgraph::domain::token::{OrganizationRole, Scope};
        let writer = world.token_with("writer", Some(world.acme), OrganizationRole::Editor, None, vec![Scope::DirectoryWrite]).await;
        let answer = send(&world, &writer, ("POST", "/v1/profiles"), &[], Some(json!({"username": "ada"}))).await;
        assert_eq!(answer.status, 204, "{:#}", answer.body);
        let place = header_of(&answer, "location");
        let answer = send(&world, &writer, ("PATCH", &place), &[], Some(json!({"title": "Engineer"}))).await;
        assert_eq!(answer.status, 204);
        assert_eq!(refused(&world, &writer, ("GET", &place), None).await, refusal(403, "FORBIDDEN", ""));
        assert_eq!(crate::rest::get(&world, &world.reader, &place).await["title"], "Engineer");
    }
}
