//! `idgraph risk`: what was assessed is assessed again, and comes to the same.

use super::{identity, mornings, prompts, report, stranger};
use crate::support::mutations::as_root;
use crate::support::{World, id_of, on_each_database};
use serde_json::json;

/// A world in which much has happened.
async fn eventful(world: &World) -> Vec<String> {
    let mut identities = Vec::new();
    for name in ["ada", "bob", "cleo", "dan"] {
        let id = identity(world, name).await;
        report(world, &mornings(&id)).await;
        report(world, &[stranger(&id)]).await;
        report(world, &prompts(&id)).await;
        identities.push(id);
    }
    as_root(world, "confirmCompromised", json!({"id": identities[0]})).await;
    as_root(world, "confirmSafe", json!({"id": identities[1]})).await;
    let query = format!(
        r#"{{ node(id: "{}") {{ ... on LinkedIdentity {{ risk {{ factors {{ evidence {{ id }} }} }} }} }} }}"#,
        identities[2]
    );
    let evidence = world.query(&world.root, &query).await["node"]["risk"]["factors"][0]["evidence"][0].clone();
    as_root(world, "dismissEvidence", json!({"id": identities[2], "evidenceIds": [id_of(&evidence)]})).await;
    identities
}

on_each_database! {
    async fn a_replay_comes_to_the_same_to_the_bit(world: World) {
        let identities = eventful(&world).await;
        let ran = world.program(&["risk", "replay"]).await;
        assert_eq!((ran.code, ran.output.as_str()), (0, ""), "{ran:?}");
        assert!(ran.complaint.contains("Replayed 4 accounts by 51 entries; 0 differ."), "{ran:?}");
        let ran = world.program(&["risk", "replay", "--since", "2026-01-01T12:00:01Z"]).await;
        assert!(ran.complaint.contains("Replayed 0 accounts"), "{ran:?}");
        // Who has changed a state behind the application's back is found out.
        world.tamper("DELETE FROM risk_log WHERE arrival = 9").await;
        let ran = world.program(&["risk", "replay"]).await;
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(identities.iter().all(|id| ran.output.contains(&format!("{id} differs"))), "{ran:?}");
        assert_eq!(world.program(&["risk", "replay", "--since", "yesterday"]).await.code, 2);
    }

    async fn another_model_is_tried_on_the_past(world: World) {
        let identities = eventful(&world).await;
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("model.toml");
        let file = path.to_str().expect("a path");
        let printed = world.program(&["risk", "model"]).await;
        assert_eq!(printed.code, 0, "{printed:?}");
        std::fs::write(&path, &printed.output).expect("a file");
        let same = world.program(&["risk", "simulate", "--model", file]).await;
        assert_eq!(same.code, 0, "{same:?}");
        assert!(!same.output.contains("idn_") && same.output.lines().count() == 5, "{same:?}");
        let milder = printed.output.replace("fatigue = 0.55", "fatigue = 0.05").replace("most = 0.46", "most = 0.1");
        assert!(milder != printed.output);
        std::fs::write(&path, milder).expect("a file");
        let other = world.program(&["risk", "simulate", "--model", file]).await;
        // One account was confirmed to be compromised, whatever a model says; the others were high at worst, and would be low.
        let lines: Vec<Vec<&str>> = other.output.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[1..5], [["low", "0", "3"], ["medium", "0", "0"], ["high", "3", "0"], ["critical", "1", "1"]], "{other:?}");
        let moved: Vec<&str> = lines[5..].iter().map(|line| line[0]).collect();
        assert_eq!(moved.len(), 3, "{other:?}");
        assert!(identities[1..].iter().all(|id| moved.contains(&id.as_str())), "{other:?}");
        for (text, complaint) in [("most = 1", "is no model"), ("", "is no model")] {
            std::fs::write(&path, text).expect("a file");
            let ran = world.program(&["risk", "simulate", "--model", file]).await;
            assert!(ran.code == 1 && ran.complaint.contains(complaint), "{ran:?}");
        }
        let missing = world.program(&["risk", "simulate", "--model", "/nowhere"]).await;
        assert!(missing.code == 1 && missing.complaint.contains("cannot be read"), "{missing:?}");
    }
}
