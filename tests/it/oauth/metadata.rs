//! Where things are.

use super::{ISSUER, issuing, issuing_with};
use crate::support::on_each_database;
use idgraph::http::oauth::{Endpoint, PLACES};
use serde_json::json;

on_each_database! {
    async fn the_metadata_name_what_there_is(world: World) {
        let world = issuing(world).await;
        let one = world.get(&world.nobody, "/.well-known/openid-configuration").await;
        let other = world.get(&world.nobody, "/.well-known/oauth-authorization-server").await;
        assert_eq!((one.status.as_u16(), &one.body), (200, &other.body));
        assert_eq!(one.body["issuer"], ISSUER);
        for (member, endpoint) in [
            ("token_endpoint", Endpoint::Token),
            ("introspection_endpoint", Endpoint::Introspect),
            ("revocation_endpoint", Endpoint::Revoke),
            ("userinfo_endpoint", Endpoint::Userinfo),
            ("jwks_uri", Endpoint::Keys),
        ] {
            let url = one.body[member].as_str().expect("a URL");
            let path = url.strip_prefix(ISSUER).expect("of this server");
            assert!(PLACES.iter().any(|place| place.path == path && place.endpoint == endpoint), "{member}");
        }
        assert_eq!(one.body["grant_types_supported"], json!(["client_credentials"]));
        assert_eq!(one.body["response_types_supported"], json!([]));
        assert!(one.body.get("authorization_endpoint").is_none());
    }

    async fn people_are_sent_to_the_iam(world: World) {
        let iam = [("iam.issuer", "https://iam.example.org"), ("iam.audience", "idgraph"), ("iam.organization", "acme"), ("iam.provider", "iam")];
        let world = issuing_with(world, &iam).await;
        let told = world.get(&world.nobody, "/.well-known/openid-configuration").await.body;
        assert_eq!(told["authorization_endpoint"], "https://iam.example.org/login/oauth/authorize");
        assert_eq!(told["response_types_supported"], json!(["code"]));
        let url = "https://iam.example.org/realms/acme/auth";
        let world = issuing_with(world, &[iam.as_slice(), &[("oauth.authorization_url", url), ("oauth.password_grant", "true")]].concat()).await;
        let told = world.get(&world.nobody, "/.well-known/openid-configuration").await.body;
        assert_eq!(told["authorization_endpoint"], url);
        assert_eq!(told["grant_types_supported"], json!(["client_credentials", "password"]));
    }
}
