//! Feeds at the command line.

use super::Publisher;
use crate::support::on_each_database;
use tempfile::TempDir;

on_each_database! {
    async fn an_operator_adds_fetches_lists_and_removes_feeds(world: World) {
        let publisher = Publisher::start().await;
        publisher.publish("203.0.113.9\n198.51.100.0/24\n");
        let added = world.program(&["feed", "add", "--name", "attackers", "--url", &publisher.url, "--confidence", "90"]).await;
        assert_eq!(added.code, 0, "{added:?}");
        let id = added.output.trim();
        assert!(id.starts_with("fed_"), "{added:?}");
        let fetched = world.program(&["feed", "sync", id]).await;
        assert!(fetched.code == 0 && fetched.output.contains("names 2 networks"), "{fetched:?}");
        let listed = world.program(&["feed", "list"]).await;
        let line = listed.output.lines().nth(1).expect("a feed");
        assert!(line.starts_with(id) && line.contains("(every one)") && line.ends_with("attackers"), "{listed:?}");
        publisher.answer(500, &[]);
        let failed = world.program(&["feed", "sync", id]).await;
        assert!(failed.code == 1 && failed.complaint.contains("500"), "{failed:?}");
        let listed = world.program(&["feed", "list"]).await;
        assert!(listed.output.contains("failed 1 times"), "{listed:?}");
        let ours = world.program(&["feed", "add", "--name", "ours", "--url", "https://feeds.example/", "--organization", "acme"]).await;
        assert_eq!(ours.code, 0, "{ours:?}");
        let listed = world.program(&["feed", "list", "--organization", "acme"]).await;
        assert!(listed.output.lines().count() == 2 && listed.output.contains("ours"), "{listed:?}");
        let removed = world.program(&["feed", "remove", id, "--reason", "too noisy"]).await;
        assert_eq!(removed.code, 0, "{removed:?}");
        let gone = world.program(&["feed", "sync", id]).await;
        assert!(gone.code == 1, "{gone:?}");
    }

    async fn secrets_need_something_to_be_sealed_with(world: World) {
        let folder = TempDir::new().expect("a folder");
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "s3cret\n").expect("a file");
        let file = secret.to_str().expect("a path");
        let arguments = ["feed", "add", "--name", "closed", "--kind", "taxii", "--url", "https://feeds.example/", "--secret-file", file];
        let refused = world.program(&arguments).await;
        assert!(refused.code == 1 && refused.complaint.contains("oauth.key_secret"), "{refused:?}");
        let sealed = [&arguments[..], &["--set", "oauth.key_secret=0123456789abcdef0123456789abcdef"]].concat();
        let added = world.program(&sealed).await;
        assert_eq!(added.code, 0, "{added:?}");
        assert!(!added.output.contains("s3cret"), "{added:?}");
    }
}
