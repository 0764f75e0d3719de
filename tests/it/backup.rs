//! `idgraph backup` and `idgraph restore`: what is restored is what was there, and nothing is overwritten by mistake.

use crate::support::program::{Ran, program, run};
use crate::support::{Database, World, on_each_database};
use serde_json::json;
use std::path::Path;
use tempfile::TempDir;

async fn count(world: &World, table: &str) -> i64 {
    world.number_behind(&format!("SELECT COUNT(*) FROM {table}")).await
}

fn path(directory: &TempDir, name: &str) -> String {
    directory.path().join(name).display().to_string()
}

/// What is in a directory.
fn entries(directory: &TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(directory.path()).expect("a directory");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Ends the world's server, so that its database is nobody's.
async fn stop(world: &World) {
    world.app.close().await;
    world.app.store().clone().close().await.expect("closed");
}

/// Runs the program on a SQLite file.
async fn on_file(database: &str, arguments: &[&str]) -> Ran {
    run(program(arguments.iter().copied().chain(["--database-url", &format!("sqlite://{database}")]))).await
}

#[track_caller]
fn refused(ran: &Ran, because: &str) {
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.complaint.contains(because), "{ran:?}");
}

on_each_database! {
    async fn what_is_restored_is_what_was_there(world: World) {
        let directory = tempfile::tempdir().expect("a directory");
        let file = path(&directory, "copy");
        world.user("ada").await;
        let before = (count(&world, "profiles").await, count(&world, "events").await);
        // The server runs, and has just written.
        let ran = world.program(&["backup", &file]).await;
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(entries(&directory), ["copy"]);
        world.user("bob").await;
        stop(&world).await;

        refused(&world.program(&["restore", &file]).await, "--force");
        assert_eq!(count(&world, "profiles").await, before.0 + 1);
        let ran = world.program(&["restore", &file, "--force"]).await;
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!((count(&world, "profiles").await, count(&world, "events").await), before);
        world.tamper("DELETE FROM outbox").await;
        let doctor = world.program(&["doctor", "--json"]).await;
        assert_eq!((doctor.code, &doctor.json()["status"]), (0, &json!("ok")), "{}", doctor.output);
    }

    async fn no_file_is_overwritten(world: World) {
        let directory = tempfile::tempdir().expect("a directory");
        let file = path(&directory, "precious");
        std::fs::write(&file, "precious").expect("a file");
        refused(&world.program(&["backup", &file]).await, "exists");
        assert_eq!(std::fs::read_to_string(&file).expect("a file"), "precious");
        refused(&world.program(&["backup", &path(&directory, "no/such/directory")]).await, "cannot be written");
        assert_eq!(entries(&directory), ["precious"]);
    }

    async fn what_is_no_backup_changes_nothing(world: World) {
        world.user("ada").await;
        let before = count(&world, "events").await;
        stop(&world).await;
        let directory = tempfile::tempdir().expect("a directory");
        let file = path(&directory, "letter");
        std::fs::write(&file, "Dear Ada, this is no backup.").expect("a file");
        for file in [&file, &path(&directory, "missing")] {
            let ran = world.program(&["restore", file, "--force"]).await;
            assert_eq!(ran.code, 1, "{ran:?}");
        }
        assert_eq!(count(&world, "events").await, before);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_for_nobody_elses_eyes_and_restores_into_nothing() {
    let world = World::new(Database::Sqlite).await;
    let directory = tempfile::tempdir().expect("a directory");
    let (copy, new) = (path(&directory, "copy.db"), path(&directory, "new.db"));
    assert_eq!(world.program(&["backup", &copy]).await.code, 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&copy).expect("a copy").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
    }
    let ran = on_file(&new, &["restore", &copy]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(entries(&directory), ["copy.db", "new.db"]);
    let exported = on_file(&new, &["export"]).await;
    assert!(exported.output.contains("acme"), "{exported:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_in_use_is_not_replaced() {
    let world = World::new(Database::Sqlite).await;
    let directory = tempfile::tempdir().expect("a directory");
    let copy = path(&directory, "copy.db");
    assert_eq!(world.program(&["backup", &copy]).await.code, 0);
    world.user("ada").await;
    refused(&world.program(&["restore", &copy, "--force"]).await, "in use");
    assert_eq!(count(&world, "profiles").await, 1);
    // Nor is a database that is in use taken for a copy of one.
    let url = world.database_url();
    let database = url.strip_prefix("sqlite://").expect("a file");
    refused(&on_file(&path(&directory, "new.db"), &["restore", database]).await, "in use");
    stop(&world).await;
    assert_eq!(world.program(&["restore", &copy, "--force"]).await.code, 0);
    assert_eq!(count(&world, "profiles").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_examined_before_it_replaces_anything() {
    let world = World::new(Database::Sqlite).await;
    let directory = tempfile::tempdir().expect("a directory");
    let (copy, damaged) = (path(&directory, "copy.db"), path(&directory, "damaged.db"));
    assert_eq!(world.program(&["backup", &copy]).await.code, 0);
    let mut bytes = std::fs::read(&copy).expect("a copy");
    bytes.iter_mut().skip(8_192).take(40_000).for_each(|byte| *byte = 0xA5);
    std::fs::write(&damaged, bytes).expect("a file");

    world.tamper("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_tomorrow', 0)").await;
    let newer = path(&directory, "newer.db");
    assert_eq!(world.program(&["backup", &newer]).await.code, 0);
    world.tamper("DELETE FROM seaql_migrations WHERE version = 'm9999_tomorrow'").await;
    world.app.store().migrate_down(None).await.expect("the way down");
    let foreign = path(&directory, "foreign.db");
    assert_eq!(world.program(&["backup", &foreign]).await.code, 0);

    let new = path(&directory, "new.db");
    for (file, because) in [(&damaged, "damaged"), (&newer, "newer"), (&foreign, "no database of idgraph")] {
        refused(&on_file(&new, &["restore", file]).await, because);
        assert!(!Path::new(&new).exists(), "{because}");
    }
    assert_eq!(entries(&directory), ["copy.db", "damaged.db", "foreign.db", "newer.db"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_database_gives_way_to_a_copy() {
    let world = World::new(Database::Sqlite).await;
    let directory = tempfile::tempdir().expect("a directory");
    let copy = path(&directory, "copy.db");
    assert_eq!(world.program(&["backup", &copy]).await.code, 0);
    stop(&world).await;
    let url = world.database_url();
    std::fs::write(url.strip_prefix("sqlite://").expect("a file"), "x".repeat(10_000)).expect("a file");
    assert_eq!(world.program(&["restore", &copy]).await.code, 1);
    let ran = world.program(&["restore", &copy, "--force"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(count(&world, "organizations").await, 2);
}

#[tokio::test]
async fn without_the_tools_of_postgresql_the_operator_is_told_what_to_run() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = path(&directory, "copy");
    let url = "postgres://me:s3cret@127.0.0.1:1/idgraph?sslmode=disable";
    let mut command = program(["backup", &file, "--database-url", url]);
    command.env("PATH", directory.path());
    let ran = run(command).await;
    refused(&ran, "pg_dump --format=custom --file=");
    refused(&ran, "'--dbname=postgres://me@127.0.0.1:1/idgraph?sslmode=disable'");
    assert!(!ran.complaint.contains("s3cret") && ran.complaint.contains("PGPASSWORD"), "{ran:?}");
    assert_eq!(entries(&directory).len(), 0);
}
