-- What happened, for those who operate the product: a record of every request, provider call and step.

create table private.request_records (
  id bigint generated always as identity,
  request_id text not null,
  at timestamptz not null,
  operation text not null,
  status smallint not null,
  duration_ms integer not null,
  code text,
  slow boolean not null,
  failed boolean not null,
  constraint request_records_pkey primary key (id)
);
comment on table private.request_records is
  'One row for every request but the probes of health; kept for 7 days. Holds no user, address or content: who asked '
  'stands in the log line of the same request id.';
comment on column private.request_records.code is 'Slug of the problem that was answered, if one was.';
comment on column private.request_records.slow is 'Took longer than two seconds.';
comment on column private.request_records.failed is 'Was answered with 500 or more.';
create index request_records_request_id_idx on private.request_records (request_id);
create index request_records_at_idx on private.request_records (at);
create index request_records_failed_idx on private.request_records (at desc) where failed;
alter table private.request_records enable row level security;

create table private.provider_calls (
  id bigint generated always as identity,
  request_id text,
  step_id uuid,
  at timestamptz not null,
  service text not null,
  operation text not null,
  attempt smallint not null,
  status smallint,
  error text,
  duration_ms integer not null,
  constraint provider_calls_pkey primary key (id)
);
comment on table private.provider_calls is
  'Every attempt of a call to an outside service, with the request and the step that it was made for; kept for 7 '
  'days.';
comment on column private.provider_calls.error is
  'timeout, not_sent, reset, too_large, server_error, throttled or refused; null when the service did its part.';
create index provider_calls_request_id_idx on private.provider_calls (request_id);
create index provider_calls_step_id_idx on private.provider_calls (step_id);
create index provider_calls_at_idx on private.provider_calls (at);
alter table private.provider_calls enable row level security;

create table private.step_runs (
  id bigint generated always as identity,
  request_id text,
  step_id uuid not null,
  at timestamptz not null,
  kind text not null,
  attempt integer not null,
  result text not null,
  reason text,
  duration_ms integer not null,
  constraint step_runs_pkey primary key (id)
);
comment on table private.step_runs is
  'Every time that a step was run, with the request that made it due; kept for 7 days.';
create index step_runs_request_id_idx on private.step_runs (request_id);
create index step_runs_step_id_idx on private.step_runs (step_id);
create index step_runs_at_idx on private.step_runs (at);
alter table private.step_runs enable row level security;
