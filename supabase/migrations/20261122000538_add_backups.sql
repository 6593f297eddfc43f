-- Which backups there are, and whether a restore has shown that they are good.

create table private.backups (
  id uuid not null,
  name text not null,
  taken_at timestamptz not null,
  schema_version text not null,
  place text not null,
  archive_sha256 text not null,
  archive_bytes bigint not null,
  tables integer not null,
  rows bigint not null,
  verified_at timestamptz,
  failed_at timestamptz,
  failure text,
  removed_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint backups_pkey primary key (id),
  constraint backups_name_key unique (name),
  constraint backups_archive_sha256_check check (archive_sha256 ~ '^[0-9a-f]{64}$'),
  constraint backups_failed_at_check check ((failed_at is null) = (failure is null))
);
comment on table private.backups is
  'Every backup that was made of this database. Written by `catalyst backup`; the store itself knows the same, as '
  'this table is lost with the database.';
comment on column private.backups.taken_at is 'The moment whose state it holds.';
comment on column private.backups.place is 'The store, without anything secret.';
comment on column private.backups.verified_at is
  'When it was last restored into an empty database and found equal, hash by hash.';
comment on column private.backups.failure is 'Why its last verification failed; null after one that did not.';
comment on column private.backups.removed_at is 'When retention removed it from the store.';
create index backups_taken_at_idx on private.backups (taken_at desc)
  where verified_at is not null and removed_at is null;
create trigger backups_touch before update on private.backups for each row execute function private.touch_updated_at();
alter table private.backups enable row level security;

create function private.last_verified_backup() returns timestamptz
language plpgsql stable set search_path = '' as $$
begin
  return (select max(taken_at) from private.backups where verified_at is not null and failed_at is null
    and removed_at is null);
end
$$;
comment on function private.last_verified_backup() is
  'The moment to which this database could be brought back: of the newest backup whose last verification was good. '
  'Null when there is none. private.check_alerts() opens the incident backup_late when it is older than 26 hours.';
