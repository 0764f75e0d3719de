//! `idgraph key`, and what the configuration has to make sense of.

use super::{Client, assert_refused, issuing, part, token};
use crate::support::on_each_database;
use crate::support::program::{program, run};

const SECRET: &str = "oauth.key_secret=0123456789abcdef0123456789abcdef";

on_each_database! {
    async fn keys_are_rotated_listed_and_withdrawn(world: World) {
        let world = issuing(world).await;
        let client = Client::of(&world, &world.reader).await;
        let old = token(&world, &client).await;
        let rotated = world.program(&["--set", SECRET, "key", "rotate"]).await;
        assert_eq!(rotated.code, 0, "{rotated:?}");
        let kid = rotated.output.trim().to_owned();
        world.clock.advance(chrono::TimeDelta::seconds(2));
        let fresh = token(&world, &client).await;
        assert_eq!(part(&fresh, 0)["kid"], kid);
        let listed = world.program(&["key", "list"]).await;
        assert_eq!(listed.output.lines().count(), 3, "{listed:?}");
        let line = listed.output.lines().find(|line| line.starts_with(&kid)).expect("the key");
        assert!(line.contains("ES256") && line.contains("current"), "{line}");
        let withdrawn = world.program(&["key", "withdraw", &kid, "--reason", "seen"]).await;
        assert_eq!(withdrawn.code, 0, "{withdrawn:?}");
        world.clock.advance(chrono::TimeDelta::seconds(2));
        assert_refused(&world, &fresh, "its key was withdrawn").await;
        assert_eq!(crate::oauth::statuses(&world, &old).await, [200; 4]);
        for (arguments, complaint) in [
            (vec!["key", "rotate"], "oauth.key_secret"),
            (vec!["key", "withdraw", "tok_1"], "key_"),
            (vec!["key", "withdraw", "key_01h455vb4pex5vsknk084sn02q"], "no signing key"),
        ] {
            let ran = world.program(&arguments).await;
            assert!(ran.code == 1 && ran.complaint.contains(complaint), "{ran:?}");
        }
    }
}

#[tokio::test]
async fn a_configuration_that_makes_no_sense_is_refused() {
    for (settings, key) in [
        (vec!["oauth.key_secret=short"], "oauth.key_secret"),
        (vec!["oauth.key_secret=only-twenty-letters-x"], "oauth.key_secret"),
        (vec!["oauth.password_grant=true"], "oauth.password_grant"),
        (vec![SECRET, "oauth.issuer=http://directory.example.org"], "oauth.issuer"),
        (vec![SECRET, "oauth.issuer=https://directory.example.org?x=1"], "oauth.issuer"),
        (vec![SECRET, "oauth.signing_algorithm=HS256"], "oauth.signing_algorithm"),
        (vec![SECRET, "oauth.token_seconds=5"], "oauth.token_seconds"),
        (vec![SECRET, "oauth.attempts_per_account=0"], "oauth.attempts_per_account"),
    ] {
        let arguments = settings.iter().flat_map(|setting| ["--set", *setting]).chain(["config", "show"]);
        let ran = run(program(arguments)).await;
        assert!(ran.code == 1 && ran.complaint.contains(key), "{settings:?}: {ran:?}");
    }
    let shown = run(program(["--set", SECRET, "config", "show"])).await;
    assert!(shown.code == 0 && !shown.output.contains("0123456789abcdef"), "{shown:?}");
}
