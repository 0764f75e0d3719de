//! Errors name the key, the place and what is expected.

use super::{Directory, error_of_file, nothing};

#[test]
fn named_file_has_to_exist() {
    let error = nothing().file("mine.toml").error();
    assert!(error.contains("/nonexistent/mine.toml named on the command line"), "{error}");
    let error = nothing().variable("IDGRAPH_CONFIG", "mine.toml").error();
    assert!(error.contains("/nonexistent/mine.toml named by IDGRAPH_CONFIG"), "{error}");
}

#[test]
fn unknown_keys_are_named_with_their_place() {
    let error = error_of_file("[database]\nconnections = 3\n[storage]\nurl = 'x'\n");
    assert!(error.contains("`database.connections` (file "), "{error}");
    assert!(error.contains("idgraph.toml) is not a configuration key"), "{error}");
    assert!(error.contains("`storage` (file "), "{error}");
    let error = nothing().variable("IDGRAPH_LOG__LEVEL", "json").error();
    assert_eq!(
        error,
        "`log.level` (environment variable IDGRAPH_LOG__LEVEL) is not a configuration key: \
         expected one of the keys of `log`, which are filter, format."
    );
    let error = nothing().variable("IDGRAPH_LOGS__FORMAT_FILE", "/run/x").error();
    assert!(error.contains("IDGRAPH_LOGS__FORMAT_FILE"), "{error}");
    let error = nothing().flag("log", "json").error();
    assert!(error.contains("`log` (command-line flag)"), "{error}");
}

#[test]
fn wrong_types_are_named_with_their_place() {
    let error = error_of_file("[database]\nread_connections = '4'\nurl.host = 'x'\n[log]\nfilter = 1");
    assert!(error.contains("`database.read_connections` (file "), "{error}");
    assert!(error.contains("expected a whole number from 1 to 256."), "{error}");
    assert!(error.contains("`database.url` (file "), "{error}");
    assert!(error.contains("`log.filter` (file "), "{error}");
    assert!(error_of_file("log = 1").contains("`log` (file "));
    assert_eq!(
        nothing().variable("IDGRAPH_DATABASE__MIGRATE_ON_START", "yes").error(),
        "The value of `database.migrate_on_start` (environment variable \
         IDGRAPH_DATABASE__MIGRATE_ON_START) is not valid: expected true or false."
    );
    assert_eq!(
        nothing().flag("log.format", "xml").error(),
        "The value of `log.format` (command-line flag) is not valid: expected text or json."
    );
}

#[test]
fn values_out_of_range_are_rejected() {
    for (key, value) in [
        ("server.listen", "localhost"),
        ("server.request_timeout_seconds", "0"),
        ("server.shutdown_timeout_seconds", "3601"),
        ("database.url", "mysql://host/db"),
        ("database.read_connections", "257"),
        ("database.write_lanes", "99999999999999999999"),
        ("redis.url", "http://host"),
        ("redis.stream", ""),
        ("graphql.max_depth", "-1"),
        ("graphql.max_page_size", "1001"),
        ("log.filter", "info\ndebug"),
        ("idempotency.retention_hours", "8761"),
    ] {
        let error = nothing().flag(key, value).error();
        assert!(error.starts_with(&format!("The value of `{key}` (command-line flag)")), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    nothing().flag("server.shutdown_timeout_seconds", "0").load();
}

#[test]
fn default_page_is_not_larger_than_the_largest() {
    assert_eq!(
        nothing().variable("IDGRAPH_GRAPHQL__DEFAULT_PAGE_SIZE", "101").error(),
        "The value of `graphql.default_page_size` (environment variable \
         IDGRAPH_GRAPHQL__DEFAULT_PAGE_SIZE) is not valid: expected at most 100, the value of \
         `graphql.max_page_size` (default)."
    );
}

#[test]
fn all_problems_are_reported_at_once() {
    let error = nothing()
        .variable("IDGRAPH_LOG__LEVEL", "info")
        .variable("IDGRAPH_LOG__FORMAT", "xml")
        .flag("server.listen", "here")
        .error();
    assert_eq!(error.lines().count(), 3, "{error}");
}

#[test]
fn an_iam_has_to_make_sense_as_a_whole() {
    let sound = "[iam]\nissuer = 'https://iam.example.org'\naudience = 'idgraph, directory'\norganization = 'acme'\nprovider = 'keycloak'\n";
    let config = Directory::new().with("idgraph.toml", sound).sources().load();
    assert_eq!(*config.iam.audience, ["idgraph".to_owned(), "directory".to_owned()]);
    for (change, key) in [
        ("issuer = 'https://iam.example.org?x=1'", "issuer"),
        ("audience = ' , '", "audience"),
        ("algorithms = ''", "algorithms"),
        ("organization = ''", "organization"),
        ("organization_claim = 'org'", "organization"),
        ("provider = ''", "provider"),
        ("profile = 'none'", "profile_required"),
        ("roles_claim = 'roles'", "roles_claim"),
        ("admin_roles = 'admins'", "roles_claim"),
        ("default_role = 'none'", "default_role"),
        ("scopes = ''", "scopes"),
    ] {
        let name = change.split(' ').next().unwrap_or_default();
        let others: Vec<_> = sound.lines().filter(|line| !line.starts_with(&format!("{name} "))).collect();
        let error = error_of_file(&format!("{}\n{change}\n", others.join("\n")));
        assert!(error.starts_with(&format!("The value of `iam.{key}` ")), "{change}: {error}");
        assert_eq!(error.lines().count(), 1, "{change}: {error}");
    }
}

#[test]
fn an_iam_is_reached_safely_or_not_at_all() {
    for (key, value) in [
        ("iam.issuer", "http://iam.example.org"),
        ("iam.issuer", "https://user@iam.example.org"),
        ("iam.issuer", "https://iam.example.org/#x"),
        ("iam.issuer", "ldaps://iam.example.org"),
        ("iam.issuer", "iam"),
        ("iam.jwks_url", "http://localhost.example.org/keys"),
        ("iam.algorithms", "HS256"),
        ("iam.algorithms", "none"),
        ("iam.scopes", "everything"),
        ("iam.profile", "name"),
        ("iam.default_role", "owner"),
    ] {
        let error = nothing().flag(key, value).error();
        assert!(error.starts_with(&format!("The value of `{key}` (command-line flag) is not valid")), "{error}");
    }
    nothing().flag("iam.jwks_url", "http://localhost:8080/keys").load();
}
