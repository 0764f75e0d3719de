//! `idgraph import` and `idgraph export`: what a file says is there, once, however large it is and however often it is read.

use crate::support::program::Ran;
use crate::support::{Database, World, on_each_database};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// How many organizations, users and teams the file has: batches of several organizations are under way at the same time.
const ORGANIZATIONS: usize = 4;
const USERS: usize = 700;
const TEAMS: usize = 3;

/// A directory whose lines stand in the order that is the least convenient: memberships first, parents behind children.
fn directory() -> Vec<Value> {
    let mut lines = Vec::new();
    for org in (0..ORGANIZATIONS).map(|number| format!("org-{number}")) {
        for user in 0..USERS {
            let team = format!("team-{}", user % TEAMS);
            lines.push(json!({"type": "membership", "organization": org, "team": team, "user": format!("user-{user}"), "role": "member"}));
        }
        for user in 0..USERS {
            let manager = (user > 0).then(|| format!("user-{}", user / 10));
            let account = json!([{"provider": "github", "external_id": user.to_string()}]);
            lines.push(json!({"type": "user", "organization": org, "username": format!("user-{user}"), "manager": manager, "linked_identities": account}));
        }
        for team in 0..TEAMS {
            let parent = (team + 1 < TEAMS).then(|| format!("team-{}", team + 1));
            lines.push(json!({"type": "team", "organization": org, "slug": format!("team-{team}"), "parent": parent}));
        }
        lines.push(json!({"type": "organization", "slug": org}));
    }
    lines
}

fn write(directory: &Path, name: &str, lines: &[Value]) -> PathBuf {
    let file = directory.join(name);
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(&file, text).expect("a file");
    file
}

async fn import(world: &World, file: &Path, more: &[&str]) -> Ran {
    let file = file.display().to_string();
    world.program(&[&["import", file.as_str()], more].concat()).await
}

async fn count(world: &World, table: &str) -> i64 {
    world.number_behind(&format!("SELECT COUNT(*) FROM {table}")).await
}

on_each_database! {
    async fn what_nobody_has_said_is_null_however_many_rows_are_written(world: World) {
        if world.database() == Database::Postgres {
            world.tamper("ALTER TABLE collectives ALTER COLUMN description SET DEFAULT 'of the table'").await;
        }
        let place = tempfile::tempdir().expect("a directory");
        let team = |slug: &str, kind: Option<&str>| json!({"type": "team", "organization": "acme", "slug": slug, "kind": kind});
        // Two rows with the same cells filled are written otherwise than two with gaps, or one.
        for (number, lines) in [
            vec![team("core", None), team("ops", None)],
            vec![team("web", Some("product")), team("data", None)],
            vec![team("last", None)],
        ].into_iter().enumerate() {
            let file = write(place.path(), &format!("{number}.ndjson"), &lines);
            assert_eq!(import(&world, &file, &[]).await.code, 0);
        }
        assert_eq!(count(&world, "collectives").await, 5);
        assert_eq!(count(&world, "collectives WHERE description IS NOT NULL").await, 0);
    }

    async fn a_file_of_several_organizations_is_imported_once(world: World) {
        let place = tempfile::tempdir().expect("a directory");
        let lines = directory();
        let file = write(place.path(), "all.ndjson", &lines);
        let before = (count(&world, "profiles").await, count(&world, "events").await);
        let rehearsed = import(&world, &file, &["--dry-run"]).await;
        assert_eq!((rehearsed.code, rehearsed.output.trim()), (0, format!("new {}, updated 0, unchanged 0, rejected 0", lines.len()).as_str()), "{rehearsed:?}");
        assert_eq!((count(&world, "profiles").await, count(&world, "events").await), before, "a rehearsal changed something");
        for (new, unchanged) in [(lines.len(), 0), (0, lines.len())] {
            let ran = import(&world, &file, &[]).await;
            let said = format!("new {new}, updated 0, unchanged {unchanged}, rejected 0");
            assert_eq!((ran.code, ran.output.trim()), (0, said.as_str()), "{ran:?}");
        }
        let query = "query($slug: String!) { organization(slug: $slug) { profiles(first: 0) { totalCount } identities(first: 0) { totalCount }
            teams { nodes { slug parent { slug } members(first: 0) { totalCount } } } } }";
        for number in 0..ORGANIZATIONS {
            let answer = world.graphql(&world.root, query, json!({"slug": format!("org-{number}")})).await;
            let organization = &answer.data()["organization"];
            assert_eq!(organization["profiles"]["totalCount"], USERS);
            assert_eq!(organization["identities"]["totalCount"], USERS);
            let members = |team: &Value| team["members"]["totalCount"].as_u64().unwrap_or_default();
            let teams = organization["teams"]["nodes"].as_array().expect("teams");
            assert_eq!(teams.iter().map(members).sum::<u64>(), USERS as u64, "{teams:#?}");
        }
        let gaps = "SELECT COUNT(*) FROM sequences s WHERE s.last_seq <> (SELECT COUNT(*) FROM events e WHERE e.org_id = s.org_id)";
        assert_eq!(world.number_behind(gaps).await, 0, "a sequence has a gap");
    }

    async fn what_is_exported_is_what_is_imported(world: World) {
        let place = tempfile::tempdir().expect("a directory");
        let file = write(place.path(), "all.ndjson", &directory());
        assert_eq!(import(&world, &file, &[]).await.code, 0);
        let path = |name: &str| place.path().join(name).display().to_string();
        let (one, two) = (path("one.ndjson"), path("two.ndjson"));
        assert_eq!(world.program(&["export", "-o", &one]).await.code, 0);
        let again = import(&world, Path::new(&one), &[]).await;
        assert!(again.output.starts_with("new 0, updated 0, "), "{again:?}");
        assert_eq!(world.program(&["export", "-o", &two]).await.code, 0);
        let read = |file: &str| std::fs::read(file).expect("a file");
        assert!(!read(&one).is_empty() && read(&one) == read(&two), "the two exports differ");
    }

    /// PostgreSQL finds out by itself how large a table is, but only a minute or two later, and plans badly until then.
    async fn whoever_asks_after_many_were_imported_asks_a_database_that_knows_of_them(world: World) {
        let lines: Vec<Value> = (0..1_000).map(|n| json!({"type": "user", "organization": "acme", "username": format!("user-{n}")})).collect();
        let files = tempfile::tempdir().expect("a folder");
        let file = write(files.path(), "many.ndjson", &lines);
        import(&world, &file, &["--dry-run"]).await;
        let known = "pg_class WHERE relname = 'profiles' AND relnamespace = current_schema()::regnamespace AND reltuples >= 1000";
        let is_postgres = world.database() == Database::Postgres;
        if is_postgres {
            assert_eq!(count(&world, known).await, 0);
        }
        import(&world, &file, &[]).await;
        assert_eq!(count(&world, "profiles WHERE username LIKE 'user-%'").await, 1_000);
        if is_postgres {
            assert_eq!(count(&world, known).await, 1);
        }
    }

    async fn a_bad_line_is_told_and_holds_nothing_up(world: World) {
        let place = tempfile::tempdir().expect("a directory");
        let lines = [
            json!({"type": "organization", "slug": "initech"}),
            json!({"type": "user", "organization": "initech", "username": "ada"}),
            json!({"type": "user", "organization": "initech", "username": "ada", "title": "Countess"}),
            json!({"type": "user", "organization": "nowhere", "username": "bob"}),
            json!({"type": "membership", "organization": "initech", "team": "core", "user": "ada"}),
            json!({"type": "spaceship", "organization": "initech"}),
            json!({"type": "team", "organization": "initech", "slug": "docs"}),
        ];
        let ran = import(&world, &write(place.path(), "bad.ndjson", &lines), &[]).await;
        assert_eq!((ran.code, ran.output.trim()), (1, "new 3, updated 0, unchanged 0, rejected 4"), "{ran:?}");
        for line in ["line 3: ", "line 4: organization: ", "line 5: ", "line 6: "] {
            assert!(ran.complaint.lines().any(|told| told.starts_with(line)), "{line} is not told: {ran:?}");
        }
    }
}
