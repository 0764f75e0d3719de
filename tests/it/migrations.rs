//! The schema goes up, down, and up again.

use crate::support::{World, on_each_database};
use axum::http::StatusCode;

/// How many tables the server has, besides those in which the database and the migrations keep their own books.
async fn tables(world: &World) -> usize {
    let count = world.text_behind(
        "SELECT CAST(COUNT(*) AS TEXT) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'seaql%'",
        "SELECT CAST(COUNT(*) AS TEXT) FROM information_schema.tables WHERE table_schema = 'public' AND table_name NOT LIKE 'seaql%'",
    );
    count.await.parse().expect("a number")
}

/// How many migrations there are, and how many of them are applied.
async fn status(world: &World) -> (usize, usize) {
    let status = world.app.store().migration_status().await.expect("a status");
    (status.len(), status.iter().filter(|(_, applied)| *applied).count())
}

on_each_database! {
    async fn the_schema_goes_up_and_down_and_up_again(world: World) {
        let store = world.app.store();
        let (all, applied) = status(&world).await;
        assert!(all > 0);
        assert_eq!(applied, all);
        let whole = tables(&world).await;
        assert!(whole > 0);

        store.migrate_up().await.expect("nothing to do");
        assert_eq!((status(&world).await, tables(&world).await), ((all, all), whole));

        store.migrate_down(None).await.expect("the way down");
        assert_eq!((status(&world).await, tables(&world).await), ((all, 0), 0));

        store.migrate_up().await.expect("the way up");
        assert_eq!((status(&world).await, tables(&world).await), ((all, all), whole));
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM organizations").await, 0);
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM sequences").await, 1);
    }

    async fn each_migration_can_be_undone_by_itself(world: World) {
        let store = world.app.store();
        let (all, _) = status(&world).await;
        for left in (0..all).rev() {
            store.migrate_down(Some(1)).await.expect("a step down");
            let status = store.migration_status().await.expect("a status");
            assert!(status.iter().take(left).all(|(_, applied)| *applied), "{status:?}");
            assert!(status.iter().skip(left).all(|(_, applied)| !*applied), "{status:?}");
        }
        assert_eq!(tables(&world).await, 0);
        store.migrate_up().await.expect("the way up");
        assert_eq!(status(&world).await, (all, all));
    }

    async fn a_server_without_its_schema_is_not_ready(world: World) {
        world.app.store().migrate_down(Some(1)).await.expect("a step down");
        let answer = world.get(&world.nobody, "/readyz").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.body["code"], "UNAVAILABLE");
        assert_eq!(answer.body["check"], "migrations");
        assert!(answer.headers.contains_key("retry-after"));
        let answer = world.get(&world.nobody, "/healthz").await;
        assert_eq!(answer.status, StatusCode::OK);
        world.app.store().migrate_up().await.expect("the way up");
        let answer = world.get(&world.nobody, "/readyz").await;
        assert_eq!(answer.status, StatusCode::OK);
    }
}
