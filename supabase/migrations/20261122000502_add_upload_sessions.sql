-- Upload sessions at YouTube.

create table private.upload_sessions (
  id uuid not null,
  upload_id uuid not null,
  session_uri text,
  publish_at timestamptz,
  bytes_total bigint not null,
  bytes_sent bigint not null default 0,
  source_sha256 text,
  looks integer not null default 0,
  last_look_at timestamptz,
  opened_at timestamptz not null,
  ended_at timestamptz,
  outcome text,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint upload_sessions_pkey primary key (id),
  constraint upload_sessions_upload_id_fkey foreign key (upload_id)
    references public.scheduled_uploads (id) on delete cascade,
  constraint upload_sessions_outcome_check check (outcome in ('completed', 'gone', 'abandoned', 'refused')),
  constraint upload_sessions_ended_at_check check ((ended_at is null) = (outcome is null)),
  constraint upload_sessions_session_uri_check check (ended_at is not null or session_uri is not null)
);
comment on table private.upload_sessions is
  'YouTube''s resumable upload sessions. A row is committed before the first byte is sent: it is what keeps a killed '
  'upload from becoming a second video.';
comment on column private.upload_sessions.session_uri is
  'Address of the session, encrypted by the functions: who knows it can finish the upload. Erased when the session '
  'ends.';
comment on column private.upload_sessions.publish_at is
  'The publish time this session was opened with; it cannot be changed in it.';
comment on column private.upload_sessions.source_sha256 is
  'SHA-256 of the file when the session was opened, where it is known: a session never mixes two files.';
comment on column private.upload_sessions.looks is
  'How often the channel was searched for the video of a session that is gone.';
create unique index upload_sessions_upload_id_open_key on private.upload_sessions (upload_id) where ended_at is null;
create index upload_sessions_upload_id_idx on private.upload_sessions (upload_id, opened_at);
create trigger upload_sessions_touch before update on private.upload_sessions
  for each row execute function private.touch_updated_at();
alter table private.upload_sessions enable row level security;

create function private.end_session(p_upload uuid, p_outcome text) returns void
language sql set search_path = '' as $$
  update private.upload_sessions set ended_at = private.now(), outcome = p_outcome, session_uri = null
  where upload_id = p_upload and ended_at is null
$$;
