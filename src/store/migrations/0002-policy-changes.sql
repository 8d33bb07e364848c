create table policy_changes (
  id text primary key,
  environment text not null,
  created_at bigint not null,
  ended_at bigint,
  revision bigint not null,
  body text not null
);
create index policy_changes_created on policy_changes (created_at, id);
create index policy_changes_environment on policy_changes (environment, created_at);
