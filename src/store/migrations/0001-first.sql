create table work (
  key text primary key,
  kind text not null,
  run_at bigint not null,
  leased_until bigint not null default 0,
  token bigint not null default 0,
  attempts bigint not null default 0,
  again_at bigint,
  owner text
);
create index work_due on work (run_at, leased_until);

create table events (
  seq bigint primary key,
  at bigint not null,
  type text not null,
  environment text,
  promotion text,
  workload text,
  body text not null
);
create index events_promotion on events (promotion, seq);
create index events_environment on events (environment, seq);
create index events_workload on events (workload, seq);

create table promotions (
  id text primary key,
  created_at bigint not null,
  ended_at bigint,
  reverts text,
  body text not null
);
create index promotions_reverts on promotions (reverts);
create index promotions_created on promotions (created_at, id);

create table releases (
  id text primary key,
  promotion text not null references promotions (id),
  environment text not null,
  position bigint not null,
  ended bigint not null,
  created_at bigint not null,
  revision bigint not null,
  body text not null
);
create index releases_promotion on releases (promotion, position);
create index releases_active on releases (ended, environment);
create index releases_environment on releases (environment, created_at);

create table verifications (
  environment text not null,
  workload text not null,
  container text not null,
  at bigint not null,
  body text not null,
  primary key (environment, workload, container)
);

create table images (
  name text not null,
  tag text not null,
  body text not null,
  primary key (name, tag)
);

create table holds (
  repository text not null,
  branch text not null,
  body text not null,
  primary key (repository, branch)
);

create table reports (
  environment text primary key,
  body text not null
);

create table tokens (
  id text primary key,
  hash text not null unique,
  created_at bigint not null,
  last_used_at bigint,
  body text not null
);

create table settings (
  key text primary key,
  value text not null
);
