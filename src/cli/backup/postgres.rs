//! The tools of PostgreSQL, with the arguments that fit.
//!
//! Other users of the machine can see the arguments of a program, so the password is never one of them: it goes by the
//! environment, or comes from where the tools look for it themselves.

use super::refuse_if_it_holds_data;
use crate::cli::application;
use crate::cli::failure::Failure;
use crate::config::Config;
use percent_encoding::percent_decode_str;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};
use url::Url;

/// The parameters of a URL that the tools know, by the names that the server accepts.
const PARAMETERS: [(&str, &str); 15] = [
    ("application_name", "application_name"),
    ("dbname", "dbname"),
    ("host", "host"),
    ("hostaddr", "hostaddr"),
    ("options", "options"),
    ("port", "port"),
    ("ssl-ca", "sslrootcert"),
    ("ssl-cert", "sslcert"),
    ("ssl-key", "sslkey"),
    ("ssl-mode", "sslmode"),
    ("sslcert", "sslcert"),
    ("sslkey", "sslkey"),
    ("sslmode", "sslmode"),
    ("sslrootcert", "sslrootcert"),
    ("user", "user"),
];

/// How the tools reach the database.
#[derive(Debug, PartialEq, Eq)]
struct Server {
    /// The URL without what is secret, and without what the tools do not know.
    url: String,
    /// The password, if the URL has one.
    password: Option<String>,
}

/// Writes an archive of the database into a file that is there.
pub(super) fn back_up(config: &Config, unfinished: &Path, file: &Path) -> Result<(), Failure> {
    let server = Server::at(config)?;
    let dump = |file: &Path| {
        vec!["--format=custom".to_owned(), format!("--file={}", file.display()), format!("--dbname={}", server.url)]
    };
    server.run("pg_dump", dump(unfinished), &dump(file))
}

/// Puts an archive in the place of the database. Answers the changes of the schema that the archive lacks.
pub(super) async fn restore(config: &Config, file: &Path, force: bool) -> Result<Vec<String>, Failure> {
    refuse_if_it_holds_data(config, force).await?;
    let server = Server::at(config)?;
    let arguments = [
        "--clean",
        "--if-exists",
        "--no-owner",
        "--single-transaction",
        &format!("--dbname={}", server.url),
        &file.display().to_string(),
    ];
    let arguments = arguments.map(str::to_owned).to_vec();
    server.run("pg_restore", arguments.clone(), &arguments)?;
    let store = application::connect_to_look(config).await?;
    let state = store.schema_state().await;
    store.close().await?;
    let state = state?;
    if !state.unknown.is_empty() {
        return Err(Failure::new(format!(
            "The database is restored, but it was written by a newer idgraph, with changes of the schema that this one \
             does not know: {}. Run that release.",
            state.unknown.join(", ")
        )));
    }
    Ok(state.pending)
}

impl Server {
    fn at(config: &Config) -> Result<Self, Failure> {
        let unfit = || Failure::new("The tools of PostgreSQL cannot be given database.url; run them yourself.");
        Self::parse(config.database.url.expose()).ok_or_else(unfit)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut url = Url::parse(text).ok()?;
        let mut password = match url.password() {
            Some(password) => Some(percent_decode_str(password).decode_utf8().ok()?.into_owned()),
            None => None,
        };
        if password.is_some() {
            url.set_password(None).ok()?;
        }
        let mut parameters = Vec::new();
        for (name, value) in url.query_pairs() {
            if name == "password" {
                password = Some(value.into_owned());
            } else if let Some((_, known)) = PARAMETERS.iter().find(|(accepted, _)| *accepted == name) {
                parameters.push((*known, value.into_owned()));
            }
        }
        url.set_query(None);
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
            // A space is a plus in a form, but not in such a URL. A plus itself is encoded.
            let query = url.query().map(|query| query.replace('+', "%20"));
            url.set_query(query.as_deref());
        }
        Some(Self { url: url.into(), password })
    }

    /// Runs a tool. If it is not there, says how to run it elsewhere: with the arguments that are to be shown.
    fn run(&self, tool: &str, arguments: Vec<String>, shown: &[String]) -> Result<(), Failure> {
        let mut command = Command::new(tool);
        // Nobody sits there to be asked.
        command.arg("--no-password").args(arguments).stdin(Stdio::null());
        if let Some(password) = &self.password {
            command.env("PGPASSWORD", password);
        }
        match command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => Err(Failure::new(format!("{tool} has failed; it says why above."))),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(Failure::new(self.instead(tool, shown))),
            Err(error) => Err(Failure::because(format!("{tool} cannot be run"), &error)),
        }
    }

    /// What to do where the tool is not there.
    fn instead(&self, tool: &str, shown: &[String]) -> String {
        let shown: Vec<String> = shown.iter().map(|argument| quoted(argument)).collect();
        let password = if self.password.is_some() {
            "\nIt asks for the password, or takes it from the variable PGPASSWORD or the file ~/.pgpass."
        } else {
            ""
        };
        format!(
            "PostgreSQL is copied by its own tools, and there is no {tool} on the PATH. Install it (on Debian: \
             postgresql-client), or run this where it is:\n\n    {tool} {}\n{password}",
            shown.join(" ")
        )
    }
}

/// An argument as a shell wants it.
fn quoted(argument: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:@,+%".contains(c);
    if argument.chars().all(is_plain) { argument.to_owned() } else { format!("'{}'", argument.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_loses_its_password_and_what_the_tools_do_not_know() {
        for (text, url, password) in [
            ("postgres://db/idgraph", "postgres://db/idgraph", None),
            ("postgres://me@db:5433/idgraph", "postgres://me@db:5433/idgraph", None),
            ("postgresql://me:s%40cr%2Fet@db/idgraph", "postgresql://me@db/idgraph", Some("s@cr/et")),
            ("postgres:///idgraph?host=/run/postgresql", "postgres:///idgraph?host=%2Frun%2Fpostgresql", None),
            (
                "postgres://me@db/x?ssl-mode=require&statement-cache-capacity=1&password=s3cret",
                "postgres://me@db/x?sslmode=require",
                Some("s3cret"),
            ),
            ("postgres://db/x?options=-c%20a%3Db%2Bc", "postgres://db/x?options=-c%20a%3Db%2Bc", None),
        ] {
            let server = Server { url: url.to_owned(), password: password.map(str::to_owned) };
            assert_eq!(Server::parse(text), Some(server), "{text}");
        }
    }

    #[test]
    fn a_shell_is_given_what_it_does_not_take_apart() {
        assert_eq!(quoted("--file=a/b.dump"), "--file=a/b.dump");
        assert_eq!(quoted("postgres://db/x?a=b&c"), "'postgres://db/x?a=b&c'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
    }
}
