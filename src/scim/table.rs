//! The one table of attributes: for each, what its schema says, and where the graph keeps it.
//!
//! Everything else reads it: `/Schemas`, what a resource is [shown](super::present) as, what a body [changes](super::apply),
//! which condition of the store a [filter](super::filter) becomes, and by what lists are sorted. An attribute that the graph
//! keeps as one value, or as a list of values, is a row and nothing else; what has to be worked out says [`Home::Computed`],
//! and has code of its own.

use scim_protocol::schema::{Attribute, Mutability, Returned, Type, Uniqueness};

/// Where the graph keeps the values of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// Nowhere as such: it follows from something else.
    Computed,
    /// In a column, as a text.
    Column(&'static str),
    /// Under a name in a JSON column, as a text.
    Json(&'static str, &'static str),
    /// In a JSON column, whose fields the parts are.
    Object(&'static str),
    /// In a JSON column, which is a list.
    List(&'static str),
    /// Under a name in a JSON column, as a list.
    ListIn(&'static str, &'static str),
    /// For parts: under this name in the object or element.
    Key(&'static str),
}

/// An attribute.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The name.
    pub name: &'static str,
    /// Where it is kept.
    pub home: Home,
    /// The sub-attributes.
    pub parts: &'static [Row],
    kind: Type,
    description: &'static str,
    many: bool,
    required: bool,
    case_exact: bool,
    detached: bool,
    defaulted: bool,
    mutability: Mutability,
    returned: Returned,
    uniqueness: Uniqueness,
    canonical: &'static [&'static str],
    references: &'static [&'static str],
}

impl Row {
    const fn new(name: &'static str, kind: Type, home: Home, description: &'static str) -> Self {
        Self {
            name,
            home,
            parts: &[],
            kind,
            description,
            many: false,
            required: false,
            case_exact: false,
            detached: false,
            defaulted: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            canonical: &[],
            references: &[],
        }
    }

    const fn text(name: &'static str, home: Home, description: &'static str) -> Self {
        Self::new(name, Type::String, home, description)
    }

    const fn complex(name: &'static str, home: Home, parts: &'static [Self], description: &'static str) -> Self {
        Self { parts, ..Self::new(name, Type::Complex, home, description) }
    }

    const fn list(name: &'static str, home: Home, parts: &'static [Self], description: &'static str) -> Self {
        Self { many: true, ..Self::complex(name, home, parts, description) }
    }

    /// A list that is no part of the node: what changes it is found out without it.
    const fn elsewhere(name: &'static str, home: Home, parts: &'static [Self], description: &'static str) -> Self {
        Self { detached: true, ..Self::list(name, home, parts, description) }
    }

    const fn link(self, references: &'static [&'static str]) -> Self {
        Self { kind: Type::Reference, references, ..self }
    }

    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Which it always has: of itself, if no client says it.
    const fn always(self) -> Self {
        Self { required: true, defaulted: true, ..self }
    }

    const fn exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    const fn read_only(self) -> Self {
        Self { mutability: Mutability::ReadOnly, ..self }
    }

    const fn immutable(self) -> Self {
        Self { mutability: Mutability::Immutable, ..self }
    }

    const fn on_request(self) -> Self {
        Self { returned: Returned::Request, ..self }
    }

    const fn unique(self) -> Self {
        Self { uniqueness: Uniqueness::Server, ..self }
    }

    const fn suggesting(self, canonical: &'static [&'static str]) -> Self {
        Self { canonical, ..self }
    }

    /// What the schema says of it.
    #[must_use]
    pub fn attribute(&self) -> Attribute {
        let mut attribute = Attribute::new(self.name, self.kind).described(self.description);
        attribute.multi_valued = self.many;
        attribute.required = self.required;
        attribute.case_exact = self.case_exact;
        attribute.detached = self.detached;
        attribute.defaulted = self.defaulted;
        attribute.mutability = self.mutability;
        attribute.returned = self.returned;
        attribute.uniqueness = self.uniqueness;
        attribute.canonical_values = self.canonical.iter().map(ToString::to_string).collect();
        attribute.reference_types = self.references.iter().map(ToString::to_string).collect();
        attribute.sub_attributes = self.parts.iter().map(|part| part.attribute().into()).collect();
        attribute
    }

    /// Whether there is a list of values.
    #[must_use]
    pub const fn is_list(&self) -> bool {
        self.many
    }

    /// Whether the graph keeps a truth value.
    #[must_use]
    pub fn is_boolean(&self) -> bool {
        self.kind == Type::Boolean
    }
}

const VALUE: Row = Row::text("value", Home::Key("value"), "The value.");
const DISPLAY: Row = Row::text("display", Home::Key("display"), "How the value is shown to people.");
const LABEL: Row = Row::text("type", Home::Key("type"), "What it is for.");
const PRIMARY: Row =
    Row::new("primary", Type::Boolean, Home::Key("primary"), "Whether this is the value to use; one at most is.");
const LABELLED: &[Row] = &[VALUE.required(), DISPLAY, LABEL, PRIMARY];

/// What a user is, by RFC 7643 §4.1.
pub const USER: &[Row] = &[
    Row::text(
        "userName",
        Home::Column("username"),
        "The name to sign in with; unique in the organization, whatever the case.",
    )
    .required()
    .unique(),
    Row::complex(
        "name",
        Home::Object("name"),
        &[
            Row::text("formatted", Home::Key("formatted"), "The whole name, with titles."),
            Row::text("familyName", Home::Key("family"), "The family name."),
            Row::text("givenName", Home::Key("given"), "The given name."),
            Row::text("middleName", Home::Key("middle"), "The middle names."),
            Row::text("honorificPrefix", Home::Key("honorific_prefix"), "What stands before the name, such as Dr."),
            Row::text("honorificSuffix", Home::Key("honorific_suffix"), "What stands behind the name, such as III."),
        ],
        "The parts of the name.",
    ),
    Row::text("displayName", Home::Json("name", "display"), "The name to show."),
    Row::text("nickName", Home::Json("details", "nickname"), "How the user likes to be called."),
    Row::text("profileUrl", Home::Json("details", "profile_url"), "The URL of a page about the user.")
        .link(&["external"]),
    Row::text("title", Home::Column("title"), "The job title."),
    Row::text(
        "userType",
        Home::Json("details", "user_type"),
        "What the employer calls the relation, such as Contractor.",
    ),
    Row::text("preferredLanguage", Home::Json("details", "preferred_language"), "Languages, as in Accept-Language."),
    Row::text("locale", Home::Column("locale"), "The language tag (BCP 47) for formats.").suggesting(LOCALES),
    Row::text("timezone", Home::Column("time_zone"), "The time zone, by its name in the IANA database.")
        .suggesting(TIME_ZONES),
    ACTIVE,
    Row {
        mutability: Mutability::WriteOnly,
        returned: Returned::Never,
        ..Row::text("password", Home::Computed, "The password. Kept as a hash, never shown.").exact()
    },
    Row::list(
        "emails",
        Home::List("emails"),
        &[VALUE.required(), LABEL.suggesting(&["work", "home", "other"]), PRIMARY],
        "The e-mail addresses.",
    ),
    Row::list(
        "phoneNumbers",
        Home::List("phones"),
        &[VALUE.required(), LABEL.suggesting(&["work", "home", "mobile", "fax", "pager", "other"]), PRIMARY],
        "The telephone numbers.",
    ),
    Row::list("ims", Home::ListIn("details", "messengers"), LABELLED, "The addresses of instant messengers."),
    Row::list(
        "photos",
        Home::ListIn("details", "photos"),
        &[VALUE.link(&["external"]).required(), DISPLAY, LABEL.suggesting(&["photo", "thumbnail"]), PRIMARY],
        "The URLs of pictures.",
    ),
    Row::list(
        "addresses",
        Home::List("addresses"),
        &[
            Row::text("formatted", Home::Key("formatted"), "The whole address, as it is written on a letter."),
            Row::text("streetAddress", Home::Key("street"), "Street and house number."),
            Row::text("locality", Home::Key("locality"), "The city or town."),
            Row::text("region", Home::Key("region"), "The state or province."),
            Row::text("postalCode", Home::Key("postal_code"), "The postal code."),
            Row::text(
                "country",
                Home::Key("country"),
                "The country: two capital letters (ISO 3166-1). A name is kept as it is sent.",
            )
            .suggesting(COUNTRIES),
            LABEL.suggesting(&["work", "home", "other"]),
            PRIMARY,
        ],
        "The postal addresses.",
    ),
    GROUPS,
    Row::list(
        "entitlements",
        Home::ListIn("details", "entitlements"),
        LABELLED,
        "What the client says the user is entitled to. It confers nothing here.",
    ),
    Row::list(
        "roles",
        Home::ListIn("details", "assigned_roles"),
        LABELLED,
        "The roles that the client has assigned. They grant nothing here.",
    ),
    CERTIFICATES,
];

const ACTIVE: Row = Row::new(
    "active",
    Type::Boolean,
    Home::Computed,
    "Whether it may be used. It may, unless a client says that it may not.",
)
.always();

const CERTIFICATES: Row = Row::list(
    "x509Certificates",
    Home::ListIn("details", "certificates"),
    &[Row { kind: Type::Binary, ..VALUE.required().exact() }, DISPLAY, LABEL, PRIMARY],
    "The X.509 certificates, in DER and base64.",
);

const GROUPS: Row = Row::elsewhere(
    "groups",
    Home::Computed,
    &[
        Row::text("value", Home::Computed, "The id of the team or group.").exact().read_only(),
        Row::text("$ref", Home::Computed, "The URL of the team or group.").link(&["Group"]).read_only(),
        Row::text("display", Home::Computed, "The name of the team or group.").read_only(),
        Row::text("type", Home::Computed, "Whether it is a member itself, or through another group.")
            .suggesting(&["direct", "indirect"])
            .read_only(),
    ],
    "The teams and groups that it is in.",
)
.read_only();

/// What an enterprise says of a user, by RFC 7643 §4.3.
pub const ENTERPRISE: &[Row] = &[
    Row::text("employeeNumber", Home::Column("employee_number"), "The employee number."),
    Row::text("costCenter", Home::Json("details", "cost_center"), "The cost centre."),
    Row::text(
        "organization",
        Home::Computed,
        "The organization that the user belongs to: its slug, name or id. That of the credential unless given; not shown once a client has removed it.",
    ),
    Row::text("division", Home::Json("details", "division"), "The division."),
    Row::text("department", Home::Column("department"), "The department."),
    Row::complex(
        "manager",
        Home::Computed,
        &[
            Row::text("value", Home::Computed, "The id of the user.").exact(),
            Row::text("$ref", Home::Computed, "The URL of the user.").link(&["User"]),
            Row::text("displayName", Home::Computed, "The name of the user.").read_only().on_request(),
        ],
        "Whom the user reports to.",
    ),
];

/// What a group is, by RFC 7643 §4.2.
pub const GROUP: &[Row] = &[
    Row::text("displayName", Home::Column("name"), "The name to show.").required(),
    Row::elsewhere(
        "members",
        Home::Computed,
        &[
            Row::text("value", Home::Computed, "The id of the member.").exact().immutable(),
            Row::text("$ref", Home::Computed, "The URL of the member.").link(&["User", "Group"]).immutable(),
            Row::text("display", Home::Computed, "The name of the member.").read_only().on_request(),
            Row::text("type", Home::Computed, "What the member is.").suggesting(&["User", "Group"]).immutable(),
        ],
        "Who is in the group: users, agents and groups.",
    ),
];

/// What idgraph says of a group beyond that.
pub const GROUP_OF_IDGRAPH: &[Row] = &[
    Row::text("kind", Home::Column("kind"), "Whether it is a group or, if a client says so when it is made, a team.")
        .suggesting(&["group"])
        .immutable(),
    Row::text("slug", Home::Column("slug"), "The short name, unique among the teams or groups, made from the name.")
        .read_only()
        .on_request(),
    Row::text("description", Home::Column("description"), "What the team or group is for."),
    Row::text("category", Home::Column("category"), "A free word for what kind of team or group it is."),
];

const NAME_OF_AGENT: Row =
    Row::text("name", Home::Column("username"), "The name, unique in the organization, whatever the case.")
        .required()
        .unique();
const DISPLAY_NAME_OF_AGENT: Row = Row::text("displayName", Home::Json("name", "display"), "The name to show.");
const DESCRIPTION_OF_AGENT: Row = Row::text("description", Home::Json("details", "description"), "What it is for.");

/// What an agent is, by draft-abbey-scim-agent-extension-00 §5.1: a bot of the graph.
pub const AGENT: &[Row] = &[
    NAME_OF_AGENT,
    DISPLAY_NAME_OF_AGENT,
    Row::text("agentType", Home::Json("details", "user_type"), "What kind of agent it is, such as Assistant."),
    ACTIVE,
    DESCRIPTION_OF_AGENT,
    GROUPS,
    Row::list(
        "entitlements",
        Home::ListIn("details", "entitlements"),
        LABELLED,
        "What the client says the agent is entitled to. It confers nothing here.",
    ),
    Row::list(
        "roles",
        Home::ListIn("details", "assigned_roles"),
        LABELLED,
        "The roles that the client has assigned. They grant nothing here.",
    ),
    CERTIFICATES,
    OWNERS,
];

const OWNERS: Row = Row::elsewhere(
    "owners",
    Home::Computed,
    &[
        Row::text("value", Home::Computed, "The id of the user or team.").exact().read_only(),
        Row::text("$ref", Home::Computed, "The URL of the user or team.").link(&["User", "Group"]).read_only(),
        Row::text("display", Home::Computed, "The name of the user or team.").read_only(),
    ],
    "Who answers for it.",
)
.read_only();

/// What an application of agents is, by draft-abbey-scim-agent-extension-00 §5.2: a service account of the graph.
pub const AGENTIC_APPLICATION: &[Row] =
    &[NAME_OF_AGENT, DISPLAY_NAME_OF_AGENT, DESCRIPTION_OF_AGENT, ACTIVE, GROUPS, OWNERS];

/// Language tags that are common; any other will do.
const LOCALES: &[&str] =
    &["de-DE", "en-GB", "en-US", "es-ES", "fr-FR", "hi-IN", "it-IT", "ja-JP", "ko-KR", "pt-BR", "zh-CN"];

/// Time zones that are common; any other of the IANA database will do.
const TIME_ZONES: &[&str] = &[
    "America/Chicago",
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Paris",
    "Europe/Vienna",
    "UTC",
];

/// Countries that are often named; any other code will do.
const COUNTRIES: &[&str] = &[
    "AT", "AU", "BR", "CA", "CH", "CN", "DE", "ES", "FR", "GB", "IN", "IT", "JP", "KR", "MX", "NL", "PL", "SE", "US",
    "ZA",
];
