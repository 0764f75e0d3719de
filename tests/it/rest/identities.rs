//! Accounts: the object of the requirements, lists with filters, the actions with their receipts.

use super::{done, get, header_of, refusal, refused, send};
use crate::support::mutations::as_root;
use crate::support::{World, each, id_of, on_each_database};
use serde_json::{Value, json};

/// The fields of the object of the requirements.
const SEED: [&str; 17] = [
    "id",
    "tenant_id",
    "email",
    "display_name",
    "status",
    "risk_score",
    "risk_level",
    "mfa_enrolled",
    "mfa_methods",
    "privileged",
    "last_login_at",
    "last_login_ip",
    "last_login_country",
    "provider",
    "provider_id",
    "roles",
    "created_at",
];

/// An account of a profile.
async fn account(world: &World, profile: &str, input: Value) -> String {
    let mut whole = json!({"profileId": profile, "provider": "azure_ad"});
    whole.as_object_mut().expect("an object").extend(input.as_object().expect("an object").clone());
    id_of(&world.mutate(&world.root, "linkIdentity", whole, "identity { id }").await["identity"])
}

/// Somebody is asked for a second factor again and again, which is worth 55 when it happens, and half of that after three days.
async fn pester(world: &World, id: &str, at: &str) {
    let prompt = |minute: u8| {
        json!({"event_id": format!("{id} {at} {minute}"), "identity": {"id": id}, "kind": "mfa", "outcome": "failure",
            "occurred_at": format!("{at}:0{minute}:00Z")})
    };
    let prompts = json!([prompt(0), prompt(2), prompt(4)]);
    done(world, &world.editor, ("POST", "/v1/access-records"), prompts).await;
}

/// John with a role, a second factor and a sign-in.
async fn john(world: &World) -> (String, String) {
    let input =
        json!({"organizationId": world.acme, "kind": "USER", "username": "john", "name": {"display": "John Smith"}});
    let profile = id_of(&world.mutate(&world.root, "createProfile", input, "profile { id }").await["profile"]);
    let id = account(
        world,
        &profile,
        json!({"accountId": "aad_1", "email": "john@example.org", "mfaState": "ENROLLED",
        "mfaMethods": ["totp", "hardware_key"], "providerRisk": 34}),
    )
    .await;
    for slug in ["it-staff", "finance-reader"] {
        let role = world.role(slug, false).await;
        as_root(world, "grantRole", json!({"roleId": role, "principalId": profile})).await;
    }
    let record = json!({"event_id": "e-1", "identity": {"id": id}, "kind": "sign_in", "ip": "41.58.22.11", "country": "NG",
        "occurred_at": "2025-06-01T03:14:00Z"});
    done(world, &world.editor, ("POST", "/v1/access-records"), record).await;
    (profile, id)
}

/// An organization's id as that of a tenant.
fn tenant(world: &World) -> String {
    world.acme.to_string().replacen("org_", "ten_", 1)
}

on_each_database! {
    async fn an_account_looks_as_it_is_asked_for(world: World) {
        let (profile, id) = john(&world).await;
        pester(&world, &id, "2025-12-31T00").await;
        let path = format!("/v1/identity/{id}");
        let identity = get(&world, &world.editor, &path).await;
        let fields: Vec<&str> = identity.as_object().expect("an object").keys().map(String::as_str).collect();
        let mut expected = SEED.to_vec();
        expected.sort_unstable();
        assert_eq!(fields, expected);
        assert_eq!(identity, json!({"id": id, "tenant_id": tenant(&world), "email": "john@example.org", "display_name": "John Smith",
            "status": "active", "risk_score": 43, "risk_level": "medium", "mfa_enrolled": true,
            "mfa_methods": ["totp", "hardware_key"], "privileged": false, "last_login_at": "2025-06-01T03:14:00Z",
            "last_login_ip": "41.58.22.11", "last_login_country": "NG", "provider": "azure_ad", "provider_id": "aad_1",
            "roles": ["it-staff", "finance-reader"], "created_at": "2026-01-01T12:00:00Z"}));
        // A reader is told what is no secret. The account's own profile is told where it has signed in.
        let seen = get(&world, &world.reader, &path).await;
        for field in ["risk_score", "risk_level", "mfa_enrolled", "mfa_methods", "last_login_at", "last_login_ip", "last_login_country"] {
            assert_eq!(seen[field], Value::Null, "{field}");
        }
        assert_eq!(seen["roles"], json!(["it-staff", "finance-reader"]));
        let own = get(&world, &world.as_profile(&profile).await, &path).await;
        assert_eq!((&own["last_login_ip"], &own["risk_score"], &own["mfa_enrolled"]), (&json!("41.58.22.11"), &Value::Null, &Value::Null));
        let answer = send(&world, &world.editor, ("GET", &path), &[], None).await;
        let known = send(&world, &world.editor, ("GET", &path), &[("if-none-match", &header_of(&answer, "etag"))], None).await;
        assert_eq!(known.status, 304);
        assert_eq!(refused(&world, &world.stranger, ("GET", &path), None).await, refusal(404, "NOT_FOUND", "id"));
    }

    async fn a_list_is_filtered(world: World) {
        let (profile, john) = john(&world).await;
        pester(&world, &john, "2025-12-31T00").await;
        let ann = world.user("ann").await;
        let role = world.role("root", true).await;
        as_root(&world, "grantRole", json!({"roleId": role, "principalId": ann})).await;
        let high = account(&world, &ann, json!({"accountId": "okta_1", "provider": "okta", "providerRisk": 5})).await;
        pester(&world, &high, "2026-01-01T11").await;
        let low = account(&world, &profile, json!({"accountId": "g_1", "provider": "google_workspace", "providerRisk": 90})).await;
        as_root(&world, "disableIdentity", json!({"id": high, "reason": "away"})).await;
        let all = [&john, &high, &low];
        for (query, expected) in [
            (String::new(), vec![0, 1, 2]),
            ("sort=-created_at".to_owned(), vec![2, 1, 0]),
            (format!("filter[tenant_id]={}", tenant(&world)), vec![0, 1, 2]),
            ("filter[tenant_id]=acme&filter[risk_level]=medium".to_owned(), vec![0]),
            ("filter[risk_level]=high".to_owned(), vec![1]),
            ("filter[risk_level]=low".to_owned(), vec![2]),
            ("filter[risk_level]=critical".to_owned(), vec![]),
            ("filter[privileged]=true".to_owned(), vec![1]),
            ("filter[privileged]=false".to_owned(), vec![0, 2]),
            ("filter[mfa_enrolled]=true".to_owned(), vec![0]),
            ("filter[mfa_enrolled]=false".to_owned(), vec![1, 2]),
            ("filter[provider]=okta".to_owned(), vec![1]),
            ("filter[provider]=local".to_owned(), vec![]),
            ("filter[status]=disabled".to_owned(), vec![1]),
            ("filter[email]=JOHN@example.org".to_owned(), vec![0]),
            ("filter[role]=IT-staff".to_owned(), vec![0, 2]),
            ("filter[role]=it-staff&filter[provider]=azure_ad".to_owned(), vec![0]),
        ] {
            let path = format!("/v1/identity?{query}").replace('[', "%5B").replace(']', "%5D");
            let page = get(&world, &world.editor, &path).await;
            let expected: Vec<&str> = expected.into_iter().map(|index: usize| all[index].as_str()).collect();
            assert_eq!(each(&page["data"], "id"), expected, "{query}");
        }
        for (query, field) in [
            ("filter%5Brisk_level%5D=odd", "filter[risk_level]"), ("filter%5Bprivileged%5D=maybe", "filter[privileged]"),
            ("filter%5Bother%5D=1", "filter[other]"), ("filter%5Bstatus%5D=", "filter[status]"), ("filter%5Bprovider%5D=a+b", "filter[provider]"),
            ("sort=risk", "sort"), ("page%5Bcursor%5D=AQ", "page[cursor]"),
        ] {
            let found = refused(&world, &world.editor, ("GET", &format!("/v1/identity?{query}")), None).await;
            assert_eq!(found, refusal(422, "BAD_USER_INPUT", field), "{query}");
        }
        let theirs = refused(&world, &world.stranger, ("GET", &format!("/v1/identity?filter%5Btenant_id%5D={}", tenant(&world))), None).await;
        assert_eq!(theirs, refusal(404, "NOT_FOUND", "filter[tenant_id]"));
        for filter in ["risk_level%5D=low", "mfa_enrolled%5D=true"] {
            let found = refused(&world, &world.reader, ("GET", &format!("/v1/identity?filter%5B{filter}")), None).await;
            assert_eq!(found, refusal(403, "FORBIDDEN", ""));
        }
        let first = get(&world, &world.reader, "/v1/identity?page%5Blimit%5D=2").await;
        let next = first["page"]["next_cursor"].as_str().expect("a cursor");
        let rest = get(&world, &world.reader, &format!("/v1/identity?page%5Blimit%5D=2&page%5Bcursor%5D={next}")).await;
        assert_eq!(each(&rest["data"], "id"), [low.as_str()]);
    }

    async fn actions_are_answered_with_receipts_and_listed(world: World) {
        let (_, id) = john(&world).await;
        let session = json!({"external_id": "s-1", "identity": {"id": id}, "device": "phone"});
        done(&world, &world.editor, ("POST", "/v1/sessions"), session).await;
        let path = |action: &str| format!("/v1/identity/{id}/{action}");
        let before = world.last_sequence().await;
        assert_eq!(refused(&world, &world.admin, ("POST", &path("disable")), Some(json!({}))).await.0, 422);
        let silent = refused(&world, &world.admin, ("POST", &path("disable")), Some(json!({"reason": " "}))).await;
        assert_eq!(silent, refusal(422, "BAD_USER_INPUT", "reason"));
        assert_eq!(refused(&world, &world.stranger, ("POST", &path("revoke-sessions")), None).await, refusal(404, "NOT_FOUND", "id"));
        assert_eq!(world.last_sequence().await, before);

        let forced = send(&world, &world.admin, ("POST", &path("force-password-reset")), &[], None).await;
        assert_eq!((forced.status.as_u16(), &forced.body["action"]), (200, &json!("force_password_reset")), "{:#}", forced.body);
        let revoked = done(&world, &world.admin, ("POST", &path("revoke-sessions")), json!({"reason": "Stolen phone."})).await;
        assert_eq!((&revoked["action"], &revoked["reason"], &revoked["identity_id"]), (&json!("revoke_sessions"), &json!("Stolen phone."), &json!(id)));
        assert!(revoked["receipts"].as_array().is_some_and(|receipts| receipts.iter().any(|receipt| receipt["target"] == "idgraph:sessions" && receipt["count"] == 1)), "{revoked:#}");
        let sessions = get(&world, &world.admin, &path("sessions")).await;
        assert_eq!((&sessions["data"][0]["live"], &sessions["data"][0]["end_reason"]), (&json!(false), &json!("revoked")));
        let body = json!({"reason": "Employee offboarding — IT ticket INC-4421"});
        let key = [("idempotency-key", "k-1")];
        let disabled = send(&world, &world.admin, ("POST", &path("disable")), &key, Some(body.clone())).await;
        let again = send(&world, &world.admin, ("POST", &path("disable")), &key, Some(body)).await;
        assert_eq!((disabled.status.as_u16(), &disabled.body["id"]), (200, &again.body["id"]));
        let other = send(&world, &world.admin, ("POST", &path("disable")), &key, Some(json!({"reason": "Another."}))).await;
        assert_eq!((other.status.as_u16(), &other.body["field"]), (409, &json!("Idempotency-Key")));
        assert_eq!(get(&world, &world.admin, &format!("/v1/identity/{id}")).await["status"], "disabled");
        done(&world, &world.admin, ("POST", &path("enable")), json!({})).await;
        assert_eq!(get(&world, &world.admin, &format!("/v1/identity/{id}")).await["status"], "active");
        let actions = get(&world, &world.admin, &path("actions")).await;
        assert_eq!(each(&actions["data"], "action"), ["enable", "disable", "revoke_sessions", "force_password_reset"]);
    }

    async fn sessions_and_records_are_reported_one_or_many_and_once(world: World) {
        let (_, id) = john(&world).await;
        let session = |name: &str| json!({"external_id": name, "identity": {"provider": "azure_ad", "provider_id": "aad_1"},
            "ip": "2001:db8::1", "country": "AT", "application": "mail"});
        let path = "/v1/sessions?organization=acme";
        let one = done(&world, &world.editor, ("POST", path), session("s-1")).await;
        assert_eq!((&one["data"][0]["status"], &one["data"][0]["error"]), (&json!("recorded"), &Value::Null));
        let many = done(&world, &world.editor, ("POST", path), json!([session("s-1"), session("s-2"), session("")])).await;
        assert_eq!(each(&many["data"], "status"), ["known", "recorded", "rejected"]);
        assert_eq!((&many["data"][2]["error"]["code"], &many["data"][2]["error"]["field"]), (&json!("BAD_USER_INPUT"), &json!("external_id")));
        let live = get(&world, &world.admin, &format!("/v1/identity/{id}/sessions?filter%5Blive%5D=true")).await;
        assert_eq!(each(&live["data"], "external_id"), ["s-2", "s-1"]);
        assert_eq!((&live["data"][0]["ip"], &live["data"][0]["application"]), (&json!("2001:db8::1"), &json!("mail")));
        let end = format!("/v1/identity/{id}/sessions/{}", id_of(&live["data"][0]));
        assert_eq!(send(&world, &world.admin, ("DELETE", &end), &[], None).await.status, 204);
        let live = get(&world, &world.admin, &format!("/v1/identity/{id}/sessions?filter%5Blive%5D=true")).await;
        assert_eq!(each(&live["data"], "external_id"), ["s-1"]);
        let nothing = refused(&world, &world.admin, ("DELETE", &format!("/v1/identity/{id}/sessions/x")), None).await;
        assert_eq!(nothing, refusal(404, "NOT_FOUND", "session_id"));

        let record = |event: &str, outcome: &str| json!({"event_id": event, "identity": {"id": id}, "kind": "mfa", "outcome": outcome,
            "session": "s-1", "details": {"device": 7}, "occurred_at": "2026-01-01T11:00:00Z"});
        let batch = json!([record("a-1", "success"), record("a-2", "failure"), record("a-1", "success")]);
        let many = done(&world, &world.editor, ("POST", "/v1/access-records"), batch).await;
        assert_eq!(each(&many["data"], "status"), ["recorded", "recorded", "known"]);
        let failed = get(&world, &world.admin, &format!("/v1/identity/{id}/access-records?filter%5Boutcome%5D=failure")).await;
        assert_eq!(each(&failed["data"], "event_id"), ["a-2"]);
        assert_eq!(failed["data"][0]["details"], json!({"device": 7}));
        let since = get(&world, &world.admin, &format!("/v1/identity/{id}/access-records?filter%5Bkind%5D=mfa&filter%5Bsince%5D=2026-01-01T11:00:00Z&page%5Blimit%5D=1")).await;
        assert_eq!((each(&since["data"], "event_id").len(), &since["page"]["has_more"]), (1, &json!(true)));

        for (body, expected) in [
            (json!({"event_id": "b-1", "identity": {"provider": "okta", "provider_id": "none"}, "kind": "mfa"}), refusal(404, "NOT_FOUND", "identity")),
            (json!({"event_id": "b-1", "identity": {"id": id, "provider": "okta"}, "kind": "mfa"}), refusal(422, "BAD_USER_INPUT", "identity")),
            (json!([{"event_id": "b-1", "identity": {}, "kind": "mfa"}]), refusal(422, "BAD_USER_INPUT", "[0].identity")),
            (json!([{"event_id": "b-1", "identity": {"id": id}, "kind": "odd"}]), refusal(422, "BAD_USER_INPUT", "[0].kind")),
            (json!({"event_id": "b-1", "identity": {"id": id}, "kind": "mfa", "ip": "x"}), refusal(422, "BAD_USER_INPUT", "ip")),
            (json!({"event_id": "b-1", "identity": {"id": id}, "kind": "mfa", "occurred_at": "2027-01-01T00:00:00Z"}), refusal(422, "BAD_USER_INPUT", "occurred_at")),
            (json!([]), refusal(422, "BAD_USER_INPUT", "records")),
            (json!(["x"]), refusal(422, "BAD_USER_INPUT", "[0]")),
        ] {
            let found = refused(&world, &world.editor, ("POST", "/v1/access-records"), Some(body.clone())).await;
            assert_eq!(found, expected, "{body}");
        }
    }

    async fn whoever_is_revoked_is_refused_at_once(world: World) {
        let (profile, id) = john(&world).await;
        let me = world.as_profile(&profile).await;
        get(&world, &me, &format!("/v1/identity/{id}")).await;
        done(&world, &world.admin, ("POST", &format!("/v1/identity/{id}/revoke-sessions")), json!({})).await;
        let found = refused(&world, &me, ("GET", &format!("/v1/identity/{id}")), None).await;
        assert_eq!(found, refusal(401, "UNAUTHENTICATED", ""));
    }
}
