//! The score is there with the event, fades with time, and is told when its level changes.

use super::{CHROME, FIREFOX, at_level, identity, mornings, prompts, report, risk, sign_in, stranger, told};
use crate::rest::{done, refusal, refused};
use crate::support::{World, id_of, on_each_database};
use chrono::TimeDelta;
use idgraph::config::{Config, Sources};
use idgraph::worker::Worker;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

fn words(told: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    told.iter().map(|(who, before, after)| ((*who).to_owned(), (*before).to_owned(), (*after).to_owned())).collect()
}

/// How much evidence there is of a signal.
async fn evidence(world: &World, signal: &str) -> i64 {
    world.number_behind(&format!("SELECT COUNT(*) FROM risk_evidence WHERE signal = '{signal}'")).await
}

on_each_database! {
    async fn a_sign_in_of_somebody_else_raises_the_score_and_it_fades(world: World) {
        let (ada, bob) = (identity(&world, "ada").await, identity(&world, "bob").await);
        report(&world, &mornings(&ada)).await;
        assert_eq!(risk(&world, &ada).await, (0, "low".to_owned()));
        assert_eq!(told(&world, &ada).await, []);
        report(&world, &[stranger(&ada)]).await;
        assert_eq!(risk(&world, &ada).await, (45, "medium".to_owned()));
        report(&world, &prompts(&ada)).await;
        assert_eq!(risk(&world, &ada).await, (75, "high".to_owned()));
        assert_eq!((at_level(&world, "high").await, at_level(&world, "low").await), (vec![ada.clone()], vec![bob.clone()]));
        let risen = [("editor", "medium", "high"), ("editor", "low", "medium")];
        assert_eq!(told(&world, &ada).await, words(&risen));

        // Whoever asks is told what is so at the time, whether or not it was noted yet.
        world.clock.advance(TimeDelta::days(2));
        assert_eq!(risk(&world, &ada).await, (48, "medium".to_owned()));
        assert_eq!((at_level(&world, "medium").await, at_level(&world, "high").await), (vec![ada.clone()], vec![]));
        assert_eq!(world.app.settle_risk().await.expect("settled"), 1);
        assert_eq!(world.app.settle_risk().await.expect("settled"), 0);
        assert_eq!(told(&world, &ada).await, words(&[&[("server", "high", "medium")], &risen[..]].concat()));
        assert_eq!(risk(&world, &ada).await, (48, "medium".to_owned()));

        world.clock.advance(TimeDelta::days(6));
        assert_eq!(risk(&world, &ada).await, (12, "low".to_owned()));
        assert_eq!((at_level(&world, "low").await.len(), at_level(&world, "medium").await.len()), (2, 0));
        assert_eq!(world.app.settle_risk().await.expect("settled"), 1);
        assert_eq!(told(&world, &ada).await[0], words(&[("server", "medium", "low")])[0]);
        // When the score was what: raised twice at one moment, and written down with each level.
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM risk_scores").await, 3);
    }

    async fn the_worker_tells_of_levels_that_have_dropped(world: World) {
        let ada = identity(&world, "ada").await;
        report(&world, &prompts(&ada)).await;
        assert_eq!(risk(&world, &ada).await, (55, "high".to_owned()));
        world.clock.advance(TimeDelta::days(2));
        let config = Config::load(Sources::default()).expect("a configuration");
        let worker = Worker::start(Arc::clone(&world.app), &config);
        let dropped = async {
            while told(&world, &ada).await.len() < 2 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), dropped).await.expect("the level is told in time");
        worker.stop().await;
        assert_eq!(told(&world, &ada).await[0], words(&[("server", "high", "medium")])[0]);
    }

    async fn a_deleted_organization_keeps_nobody_waiting(world: World) {
        let ada = identity(&world, "ada").await;
        report(&world, &prompts(&ada)).await;
        world.mutate(&world.root, "deleteOrganization", json!({"id": world.acme}), "clientMutationId").await;
        world.clock.advance(TimeDelta::days(30));
        assert_eq!(world.app.settle_risk().await.expect("settled"), 0);
        world.app.tidy_risk().await.expect("tidied");
        world.mutate(&world.root, "restoreOrganization", json!({"id": world.acme}), "clientMutationId").await;
        assert_eq!(world.app.settle_risk().await.expect("settled"), 1);
    }

    async fn what_is_reported_twice_or_late_or_at_once_makes_no_difference(world: World) {
        let (ada, bob, cleo) = (identity(&world, "ada").await, identity(&world, "bob").await, identity(&world, "cleo").await);
        report(&world, &prompts(&ada)).await;
        for prompt in prompts(&bob) {
            report(&world, &[prompt]).await;
        }
        let late: Vec<Value> = prompts(&cleo).into_iter().rev().collect();
        world.clock.advance(TimeDelta::minutes(30));
        report(&world, &late).await;
        let scores = [risk(&world, &ada).await, risk(&world, &bob).await, risk(&world, &cleo).await];
        assert!(scores.iter().all(|score| *score == (55, "high".to_owned())), "{scores:?}");
        let log = "SELECT COUNT(*) FROM risk_log";
        assert_eq!(world.number_behind(log).await, 9);
        let again = done(&world, &world.editor, ("POST", "/v1/access-records"), Value::from(prompts(&ada))).await;
        assert_eq!(crate::support::each(&again["data"], "status"), ["known"; 3]);
        assert_eq!(world.number_behind(log).await, 9);
        assert_eq!(risk(&world, &ada).await, (55, "high".to_owned()));
        assert_eq!(told(&world, &ada).await.len(), 1);
    }

    async fn a_batch_costs_as_many_statements_as_one_event(world: World) {
        let mut identities = Vec::new();
        for index in 0..40 {
            identities.push(identity(&world, &format!("user-{index}")).await);
        }
        let at = |index: usize, hour: u8| {
            let address = format!("198.51.100.{index}");
            sign_in(&identities[index], &format!("2026-01-01T0{hour}:00:00Z"), (&address, "AT", FIREFOX))
        };
        let (_, one) = world.statements(report(&world, &[at(0, 1), at(1, 1)])).await;
        let many: Vec<Value> = (0..40).map(|index| at(index, 2)).collect();
        let (_, many) = world.statements(report(&world, &many)).await;
        assert_eq!(one.len(), many.len(), "{many:#?}");
    }

    async fn an_address_that_tries_many_accounts_is_noticed_in_its_own_organization(world: World) {
        let theirs = {
            let input = json!({"organizationId": world.globex, "kind": "USER", "username": "zoe"});
            let zoe = id_of(&world.mutate(&world.root, "createProfile", input, "profile { id }").await["profile"]);
            crate::support::mutations::account(&world, &zoe, "zoe").await
        };
        let mut tries = Vec::new();
        let mut last = String::new();
        for index in 0..10 {
            last = identity(&world, &format!("user-{index}")).await;
            let mut failed = sign_in(&last, "2026-01-01T11:40:00Z", ("203.0.113.66", "NG", CHROME));
            failed["outcome"] = json!("failure");
            tries.push(failed);
        }
        report(&world, &tries).await;
        assert_eq!(risk(&world, &last).await.0, 0);
        let success = |identity: &str| sign_in(identity, "2026-01-01T11:45:00Z", ("203.0.113.66", "NG", CHROME));
        let path = "/v1/access-records?organization=globex";
        done(&world, &world.stranger, ("POST", path), success(&theirs)).await;
        assert_eq!(evidence(&world, "attacking_address").await, 0);
        report(&world, &[success(&last)]).await;
        assert_eq!(evidence(&world, "attacking_address").await, 1);
        // .85 · (1 − e^−(10−4)/6)
        assert_eq!(risk(&world, &last).await, (54, "high".to_owned()));
    }

    async fn a_session_that_moves_is_noticed(world: World) {
        let ada = identity(&world, "ada").await;
        report(&world, &mornings(&ada)).await;
        let session = |address: &str, country: &str, agent: &str| json!({"external_id": "s-1", "identity": {"id": ada}, "ip": address,
            "country": country, "user_agent": agent, "started_at": "2026-01-01T08:00:00Z"});
        let reported = |body: Value| async { done(&world, &world.editor, ("POST", "/v1/sessions"), body).await };
        reported(session("192.0.2.1", "AT", FIREFOX)).await;
        reported(session("192.0.2.1", "AT", FIREFOX)).await;
        assert_eq!((risk(&world, &ada).await.0, evidence(&world, "session_context").await), (0, 0));
        let moved = reported(session("203.0.113.9", "NG", CHROME)).await;
        assert_eq!(moved["data"][0]["status"], "updated");
        assert_eq!(evidence(&world, "session_context").await, 1);
        assert_eq!(risk(&world, &ada).await.1, "critical");
        assert_eq!(told(&world, &ada).await, words(&[("editor", "low", "critical")]));
    }

    async fn what_the_user_reports_counts_and_what_is_typed_wrong_does_not(world: World) {
        let (ada, bob) = (identity(&world, "ada").await, identity(&world, "bob").await);
        let mut wrong = prompts(&ada);
        wrong.iter_mut().for_each(|prompt| prompt["method"] = json!("totp"));
        report(&world, &wrong).await;
        assert_eq!(risk(&world, &ada).await.0, 0);
        let mut reported = prompts(&bob)[0].clone();
        reported["reason"] = json!("reported");
        report(&world, &[reported]).await;
        assert_eq!(risk(&world, &bob).await, (80, "critical".to_owned()));
    }

    async fn what_cannot_be_taken_leaves_the_score_as_it_is(world: World) {
        let ada = identity(&world, "ada").await;
        report(&world, &prompts(&ada)).await;
        let log = "SELECT COUNT(*) FROM risk_log";
        let mut ahead = prompts(&ada)[0].clone();
        ahead["event_id"] = json!("ahead");
        ahead["occurred_at"] = json!("2026-01-02T00:00:00Z");
        let found = refused(&world, &world.editor, ("POST", "/v1/access-records"), Some(ahead)).await;
        assert_eq!(found, refusal(422, "BAD_USER_INPUT", "occurred_at"));
        let theirs = refused(&world, &world.stranger, ("POST", "/v1/access-records"), Some(prompts(&ada)[0].clone())).await;
        assert_eq!(theirs, refusal(404, "NOT_FOUND", "identity"));
        assert_eq!((world.number_behind(log).await, risk(&world, &ada).await.0), (3, 55));
    }

    async fn what_is_old_is_forgotten(world: World) {
        let ada = identity(&world, "ada").await;
        report(&world, &mornings(&ada)).await;
        let mut failed = stranger(&ada);
        failed["outcome"] = json!("failure");
        report(&world, &[failed]).await;
        report(&world, &prompts(&ada)).await;
        let counts = || async {
            let mut counts = Vec::new();
            for table in ["risk_usual", "risk_addresses", "risk_scores", "risk_states"] {
                counts.push(world.number_behind(&format!("SELECT COUNT(*) FROM {table}")).await);
            }
            counts
        };
        let reported = counts().await;
        assert!(reported.iter().all(|count| *count > 0), "{reported:?}");
        world.app.tidy_risk().await.expect("tidied");
        // What is usual for the only organization is usual for everyone.
        assert_eq!(counts().await, [2 * reported[0], reported[1], reported[2], reported[3]]);
        world.clock.advance(TimeDelta::days(200));
        world.app.tidy_risk().await.expect("tidied");
        assert_eq!(counts().await, [0, 0, 0, 1]);
    }

    async fn what_several_organizations_know_is_usual_for_everyone(world: World) {
        let mut organizations = vec![world.acme.to_string(), world.globex.to_string()];
        let input = json!({"slug": "initech", "name": "initech"});
        organizations.push(id_of(&world.mutate(&world.root, "createOrganization", input, "organization { id }").await["organization"]));
        for (index, organization) in organizations.iter().enumerate() {
            let input = json!({"organizationId": organization, "kind": "USER", "username": "zoe"});
            let zoe = id_of(&world.mutate(&world.root, "createProfile", input, "profile { id }").await["profile"]);
            let zoe = crate::support::mutations::account(&world, &zoe, "zoe").await;
            let address = format!("192.0.2.{index}");
            let body = sign_in(&zoe, "2026-01-01T09:00:00Z", (&address, "AT", FIREFOX));
            done(&world, &world.root, ("POST", &format!("/v1/access-records?organization={organization}")), body).await;
        }
        world.app.tidy_risk().await.expect("tidied");
        let nil = world.text_behind(
            "SELECT CAST(COUNT(*) AS TEXT) FROM risk_usual WHERE org_id = x'00000000000000000000000000000000'",
            "SELECT CAST(COUNT(*) AS TEXT) FROM risk_usual WHERE org_id = '00000000-0000-0000-0000-000000000000'",
        );
        // Country, device, user agent and hour, each with its total, and the total of addresses; no address.
        assert_eq!(nil.await, "9");
    }
}
