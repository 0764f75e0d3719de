//! Secrets appear neither where the configuration is shown nor in errors.

use super::{error_of_file, nothing};
use crate::config::{
    Config,
    secrets::{SecretToken, SecretUrl},
};

#[test]
fn secrets_do_not_show() {
    let config = nothing()
        .flag("database.url", "postgres://me:s3cret@host/db?password=s3cret&sslmode=require")
        .flag("redis.url", "rediss://:s3cret@host/1")
        .load();
    let shown = config.redacted_toml();
    let redacted = "postgres://me:***@host/db?password=***&sslmode=require";
    assert!(shown.contains(redacted), "{shown}");
    assert!(config.redis.url.as_ref().is_some_and(|url| url.expose().contains("s3cret")));
    let json = serde_json::to_string(&config).unwrap();
    let url = config.redis.url.as_ref().map(SecretUrl::to_string).unwrap();
    for text in [shown, format!("{config:?}"), json, url] {
        assert!(!text.contains("s3cret"), "{text}");
    }
}

#[test]
fn secrets_do_not_show_in_errors() {
    for url in [
        "mysql://me:s3cret@host/db",
        "postgres://me:s3cret",
        "postgres://me:12/s3cret@host/db",
        "postgres://me:12?s3cret@host/db",
        "postgres://me:12#s3cret@host/db",
        "postgres://me:s3cret@host:port/db",
    ] {
        for sources in [
            nothing().flag("database.url", url),
            nothing().variable("IDGRAPH_DATABASE__URL", url),
            nothing().variable("IDGRAPH_SERVER__LISTEN", url),
            nothing().variable("IDGRAPH_DATABASE__PASSWORD", url),
        ] {
            let error = Config::load(sources).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
        }
    }
    for content in [
        "database.url = postgres://me:s3cret@host/db",
        "[database]\nurl = 'postgres://me:s3cret@host/db\n",
        "[database]\nurl = \"postgres://me:\\s3cret@host/db\"\n",
        "[database]\nurl = ['s3cret']\n",
        "[database]\nurl = 'sqlite:'\nurl = 's3cret'\n",
    ] {
        let error = error_of_file(content);
        assert!(!error.contains("s3cret"), "{error}");
        assert!(error.contains("idgraph.toml"), "{error}");
    }
    let error = error_of_file("[database]\nurl = 'postgres://me:s3cret@host/db\n");
    assert!(error.contains("at line 2: "), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
}

#[test]
fn a_token_is_long_enough_and_never_shown() {
    let token = "0123456789abcdef";
    let config = nothing().variable("IDGRAPH_METRICS__TOKEN", token).load();
    assert_eq!(config.metrics.token.as_ref().map(SecretToken::expose), Some(token));
    assert!(!format!("{config:?}{}", config.redacted_toml()).contains(token));
    for unfit in ["0123456789abcde", "0123456789 abcdef", "0123456789äbcdef"] {
        let error = nothing().flag("metrics.token", unfit).error();
        assert!(error.contains("`metrics.token`") && error.contains("at least 16"), "{error}");
        assert!(!error.contains(unfit), "{error}");
    }
}
