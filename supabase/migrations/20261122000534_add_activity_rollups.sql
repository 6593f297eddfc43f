-- What the records add up to.
--
-- They are rolled up as they are written, so that what operators ask costs the same after ten million requests as
-- after a thousand.

create function private.latency_bounds() returns integer[]
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return array[5, 10, 25, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 5000, 10000, 30000];
end
$$;
comment on function private.latency_bounds() is
  'Upper bounds (exclusive, in ms) of the buckets of every latency histogram; a last bucket takes the rest. Never '
  'changed: old rollups were counted by it.';

create function private.add_counts(p_one bigint[], p_other bigint[]) returns bigint[]
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return array(select a + b from unnest(p_one, p_other) as pair (a, b));
end
$$;

create table private.request_minutes (
  minute timestamptz not null,
  requests bigint not null,
  errors bigint not null,
  refused bigint not null,
  slow bigint not null,
  duration_ms bigint not null,
  histogram bigint[] not null,
  constraint request_minutes_pkey primary key (minute),
  constraint request_minutes_histogram_check check (cardinality(histogram) = 20)
);
comment on table private.request_minutes is 'All requests of a minute; kept for 48 hours.';
comment on column private.request_minutes.errors is 'Answered with 500 or more.';
comment on column private.request_minutes.refused is 'Answered with 400 to 499.';
comment on column private.request_minutes.histogram is
  'Requests by latency, in the buckets of private.latency_bounds().';
alter table private.request_minutes enable row level security;

create table private.request_hours (
  hour timestamptz not null,
  operation text not null,
  requests bigint not null,
  errors bigint not null,
  refused bigint not null,
  slow bigint not null,
  duration_ms bigint not null,
  histogram bigint[] not null,
  constraint request_hours_pkey primary key (hour, operation),
  constraint request_hours_histogram_check check (cardinality(histogram) = 20)
);
comment on table private.request_hours is
  'All requests of an hour by operation, and under the empty name those of all operations; kept for 13 months.';
alter table private.request_hours enable row level security;

create table private.provider_hours (
  hour timestamptz not null,
  service text not null,
  calls bigint not null,
  errors bigint not null,
  throttled bigint not null,
  duration_ms bigint not null,
  constraint provider_hours_pkey primary key (hour, service)
);
comment on table private.provider_hours is 'Attempts of calls to an outside service in an hour; kept for 13 months.';
alter table private.provider_hours enable row level security;

create table private.step_hours (
  hour timestamptz not null,
  kind text not null,
  runs bigint not null,
  retried bigint not null,
  given_up bigint not null,
  duration_ms bigint not null,
  constraint step_hours_pkey primary key (hour, kind)
);
comment on table private.step_hours is 'Runs of steps in an hour by kind; kept for 13 months.';
alter table private.step_hours enable row level security;

create table private.provider_health (
  service text not null,
  last_call_at timestamptz not null,
  last_duration_ms integer not null,
  last_answered_at timestamptz,
  last_failed_at timestamptz,
  failures bigint not null default 0,
  error text,
  constraint provider_health_pkey primary key (service)
);
comment on table private.provider_health is
  'How the last real calls of an outside service went. Health is told from this row, so that no probe ever calls, or '
  'pays, anybody.';
comment on column private.provider_health.failures is
  'Calls in a row that the service did not answer as it should; 0 after one that it did.';
alter table private.provider_health enable row level security;

create table private.telemetry (
  singleton boolean not null default true,
  dropped bigint not null default 0,
  constraint telemetry_pkey primary key (singleton),
  constraint telemetry_singleton_check check (singleton)
);
comment on table private.telemetry is
  'Records that instances had to drop, because the database did not take them in time.';
insert into private.telemetry default values;
alter table private.telemetry enable row level security;
