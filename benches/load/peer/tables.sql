-- The same directory as a plain relational schema, the way somebody would write it who has nothing but these questions to
-- answer: no history, no tenants, no closure. Ids are those of idgraph, so that both are asked about the same things.
DROP SCHEMA IF EXISTS peer CASCADE;
CREATE SCHEMA peer;

CREATE TABLE peer.organizations AS
  SELECT id, slug, name FROM public.organizations WHERE deleted_at IS NULL;
ALTER TABLE peer.organizations ADD PRIMARY KEY (id), ALTER slug SET NOT NULL, ALTER name SET NOT NULL, ADD UNIQUE (slug);

CREATE TABLE peer.teams AS
  SELECT id, org_id AS organization_id, slug, name FROM public.collectives WHERE kind = 'team' AND deleted_at IS NULL;
ALTER TABLE peer.teams ADD PRIMARY KEY (id), ALTER slug SET NOT NULL, ALTER name SET NOT NULL,
  ADD FOREIGN KEY (organization_id) REFERENCES peer.organizations;
CREATE INDEX ON peer.teams (organization_id, id);

-- Without the collation "C", a search for a prefix could not use the index.
CREATE TABLE peer.users AS
  SELECT id, org_id AS organization_id, username COLLATE "C" AS username,
    coalesce(name ->> 'display', concat_ws(' ', name ->> 'given', name ->> 'family')) AS display_name,
    emails -> 0 ->> 'value' AS email, title, status
  FROM public.profiles WHERE deleted_at IS NULL;
ALTER TABLE peer.users ADD PRIMARY KEY (id), ALTER username SET NOT NULL,
  ADD FOREIGN KEY (organization_id) REFERENCES peer.organizations;
CREATE UNIQUE INDEX ON peer.users (organization_id, username);

CREATE TABLE peer.memberships AS
  SELECT e.id, e.to_id AS team_id, e.from_id AS user_id, coalesce(e.role, 'member') AS role
  FROM public.edges e JOIN peer.teams t ON t.id = e.to_id JOIN peer.users u ON u.id = e.from_id
  WHERE e.kind = 'member' AND e.valid_to IS NULL;
ALTER TABLE peer.memberships ADD PRIMARY KEY (id), ALTER role SET NOT NULL,
  ADD FOREIGN KEY (team_id) REFERENCES peer.teams, ADD FOREIGN KEY (user_id) REFERENCES peer.users;
CREATE INDEX ON peer.memberships (team_id, id);
CREATE INDEX ON peer.memberships (user_id, id);

CREATE TABLE peer.linked_identities AS
  SELECT i.id, e.to_id AS user_id, i.provider, i.account_id, i.username
  FROM public.linked_identities i
  JOIN public.edges e ON e.from_id = i.id AND e.kind = 'link' AND e.valid_to IS NULL
  JOIN peer.users u ON u.id = e.to_id
  WHERE i.deleted_at IS NULL;
ALTER TABLE peer.linked_identities ADD PRIMARY KEY (id),
  ADD FOREIGN KEY (user_id) REFERENCES peer.users;
CREATE INDEX ON peer.linked_identities (user_id, id);

ANALYZE;
