//! `idgraph export`: the directory as NDJSON, in a form that `import` reads.
//!
//! What is written depends on what the directory holds and on nothing else: nodes come in the order
//! in which they were created, memberships in the order in which they began. Everything is read page
//! by page and written at once, so the size of the directory does not matter.

mod nodes;
mod pages;
mod relations;

use super::failure::Failure;
use super::settings::Settings;
use super::wire::Line;
use super::{application, logging};
use crate::domain::{Collective, NodeKind, Organization, Profile, Role};
use crate::resolvers::Reader;
use crate::store::{CollectiveFilter, ProfileFilter, RoleFilter};
use clap::Args;
use pages::{Neighbours, Pages};
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::PathBuf;

/// Write the directory as NDJSON, which `idgraph import` reads
#[derive(Debug, Args)]
pub(super) struct Export {
    /// Write this organization only [default: every organization]
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,
    /// The file to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    pub(super) async fn run(self, settings: Settings) -> Result<(), Failure> {
        let config = settings.load()?;
        logging::start_quietly();
        let app = application::open(&config).await?;
        let viewer = application::operator(app.clock());
        let only = match &self.organization {
            Some(slug) => Some(application::organization(&app, &viewer, slug).await?),
            None => None,
        };
        let output: Box<dyn Write> =
            match &self.output {
                Some(path) => Box::new(File::create(path).map_err(|error| {
                    Failure::because(format!("The file {} cannot be written", path.display()), &error)
                })?),
                None => Box::new(io::stdout()),
            };
        let mut exporter = Exporter { reader: app.read(&viewer), output: BufWriter::new(output) };
        let written = match only {
            Some(organization) => exporter.only(organization).await,
            None => exporter.everything().await,
        };
        let written = written.and_then(|()| Ok(exporter.output.flush()?));
        application::close(&app).await?;
        match written {
            Err(Stop::Output(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            Err(Stop::Output(error)) => Err(Failure::because("The directory cannot be written", &error)),
            Err(Stop::Directory(error)) => Err(error.into()),
            Ok(()) => Ok(()),
        }
    }
}

/// Why an export ends early.
enum Stop {
    /// The directory cannot be read.
    Directory(crate::domain::Error),
    /// The output takes no more. Whoever reads it may just have had enough.
    Output(io::Error),
}

impl From<crate::domain::Error> for Stop {
    fn from(error: crate::domain::Error) -> Self {
        Self::Directory(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// An export under way.
struct Exporter<'a> {
    reader: Reader<'a>,
    output: BufWriter<Box<dyn Write>>,
}

impl Exporter<'_> {
    async fn everything(&mut self) -> Result<(), Stop> {
        let mut pages = Pages::new();
        while let Some(organizations) = pages.next_organizations(self.reader).await? {
            for line in nodes::organizations(self.reader, organizations).await? {
                self.write(&Line::Organization(line))?;
            }
        }
        let mut pages = Pages::new();
        while let Some(organizations) = pages.next_organizations(self.reader).await? {
            for organization in organizations {
                self.directory(&organization).await?;
            }
        }
        Ok(())
    }

    async fn only(&mut self, organization: Organization) -> Result<(), Stop> {
        // Its parent is in another file, if in any.
        self.write(&Line::Organization(nodes::organization(&organization, None)))?;
        self.directory(&organization).await
    }

    async fn directory(&mut self, organization: &Organization) -> Result<(), Stop> {
        for kind in NodeKind::COLLECTIVES {
            self.collectives(organization, kind).await?;
        }
        self.roles(organization).await?;
        self.profiles(organization).await?;
        for kind in NodeKind::COLLECTIVES {
            self.memberships(organization, kind).await?;
        }
        self.grants(organization).await
    }

    async fn collectives(&mut self, organization: &Organization, kind: NodeKind) -> Result<(), Stop> {
        let mut pages = Pages::new();
        while let Some(page) = pages.next::<Collective>(self.reader, organization, &all_of(kind)).await? {
            for line in nodes::collectives(self.reader, organization, page).await? {
                self.write(&Line::of_collective(kind, line))?;
            }
        }
        Ok(())
    }

    async fn roles(&mut self, organization: &Organization) -> Result<(), Stop> {
        let mut pages = Pages::new();
        while let Some(page) = pages.next::<Role>(self.reader, organization, &RoleFilter::default()).await? {
            for role in page {
                self.write(&Line::Role(nodes::role(organization, role)))?;
            }
        }
        Ok(())
    }

    async fn profiles(&mut self, organization: &Organization) -> Result<(), Stop> {
        let mut pages = Pages::new();
        while let Some(page) = pages.next::<Profile>(self.reader, organization, &every_profile()).await? {
            for (kind, line) in nodes::profiles(self.reader, organization, page).await? {
                self.write(&Line::of_profile(kind, line))?;
            }
        }
        Ok(())
    }

    async fn memberships(&mut self, organization: &Organization, kind: NodeKind) -> Result<(), Stop> {
        let mut pages = Pages::new();
        while let Some(page) = pages.next::<Collective>(self.reader, organization, &all_of(kind)).await? {
            let mut profiles = Neighbours::<Profile>::members(self.reader, &page).await?;
            let mut collectives = Neighbours::<Collective>::members(self.reader, &page).await?;
            for container in &page {
                while let Some(members) = profiles.next(self.reader, container.id).await? {
                    for member in members {
                        let line = relations::profile_in(organization, container, &member);
                        self.write(&Line::Membership(line))?;
                    }
                }
                while let Some(members) = collectives.next(self.reader, container.id).await? {
                    for member in members {
                        let line = relations::collective_in(organization, container, &member);
                        self.write(&Line::Membership(line))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Grants, by who has them: in the order of the roles they would come back in another order.
    async fn grants(&mut self, organization: &Organization) -> Result<(), Stop> {
        let mut pages = Pages::new();
        while let Some(page) = pages.next::<Profile>(self.reader, organization, &every_profile()).await? {
            let ids: Vec<_> = page.iter().map(|profile| profile.id).collect();
            let mut roles = pages::all_roles(self.reader, &ids).await?;
            for profile in page {
                for role in roles.remove(&profile.id.uuid).unwrap_or_default() {
                    self.write(&Line::Grant(relations::granted_to_profile(organization, &role, &profile)))?;
                }
            }
        }
        let mut pages = Pages::new();
        let groups = all_of(NodeKind::Group);
        while let Some(page) = pages.next::<Collective>(self.reader, organization, &groups).await? {
            let ids: Vec<_> = page.iter().map(|group| group.id).collect();
            let mut roles = pages::all_roles(self.reader, &ids).await?;
            for group in page {
                for role in roles.remove(&group.id.uuid).unwrap_or_default() {
                    self.write(&Line::Grant(relations::granted_to_group(organization, &role, &group)))?;
                }
            }
        }
        Ok(())
    }

    fn write(&mut self, line: &Line) -> Result<(), Stop> {
        serde_json::to_writer(&mut self.output, line).map_err(io::Error::from)?;
        self.output.write_all(b"\n")?;
        Ok(())
    }
}

fn all_of(kind: NodeKind) -> CollectiveFilter {
    CollectiveFilter { kind: Some(kind), ..CollectiveFilter::default() }
}

const fn every_profile() -> ProfileFilter {
    ProfileFilter::And(Vec::new())
}
