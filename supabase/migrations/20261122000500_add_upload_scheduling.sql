-- When a finished render goes to which channel, and which states an upload goes through.
--
-- YouTube has no idempotency key: two finished upload sessions are two videos. What keeps an upload single is the
-- order of the writes: the session's address is stored before its first byte, every later write carries the step's
-- fence, and a session that no longer answers leads to `outcome_unknown`, which only a search of the channel may leave.

create table public.scheduled_uploads (
  id uuid not null default gen_random_uuid(),
  channel_id uuid not null,
  render_id uuid not null,
  created_by uuid,
  state text not null default 'scheduled',
  reason text,
  intent text not null default 'publish',
  title text not null,
  title_key text not null,
  description text not null default '',
  tags text[] not null default '{}',
  category_id text not null default '22',
  language text,
  made_for_kids boolean not null,
  altered_content boolean not null,
  notify_subscribers boolean not null default true,
  publish_at timestamptz not null,
  time_zone text not null,
  local_time timestamp not null,
  youtube_publish_at timestamptz,
  told_at timestamptz,
  youtube_video_id text,
  bytes_total bigint,
  bytes_sent bigint not null default 0,
  next_attempt_at timestamptz,
  last_error jsonb,
  thumbnail text not null default 'none',
  thumbnail_error jsonb,
  published_at timestamptz,
  withdrawal_notice_at timestamptz,
  state_changed_at timestamptz not null default clock_timestamp(),
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint scheduled_uploads_pkey primary key (id),
  constraint scheduled_uploads_channel_id_fkey foreign key (channel_id)
    references public.channels (id) on delete cascade,
  constraint scheduled_uploads_render_id_fkey foreign key (render_id) references public.renders (id),
  constraint scheduled_uploads_created_by_fkey foreign key (created_by) references public.users (id) on delete set null,
  constraint scheduled_uploads_youtube_video_id_key unique (youtube_video_id),
  constraint scheduled_uploads_state_check check (state in (
    'scheduled', 'preparing', 'uploading', 'processing', 'on_youtube', 'published', 'needs_attention',
    'outcome_unknown', 'cancelled', 'failed')),
  constraint scheduled_uploads_intent_check check (intent in ('publish', 'keep_private')),
  constraint scheduled_uploads_thumbnail_check check (thumbnail in ('none', 'wanted', 'set', 'failed')),
  constraint scheduled_uploads_reason_check check (state <> 'needs_attention' or reason is not null),
  constraint scheduled_uploads_video_check
    check (state not in ('processing', 'on_youtube', 'published') or youtube_video_id is not null),
  constraint scheduled_uploads_bytes_sent_check check (bytes_sent between 0 and coalesce(bytes_total, bytes_sent))
);
comment on table public.scheduled_uploads is
  'The publication of one render on one channel. Changed by engine functions only.';
comment on column public.scheduled_uploads.reason is
  'Why it is in this state, as a slug; the API explains it and names the next action.';
comment on column public.scheduled_uploads.intent is
  'keep_private: cancelled after bytes were sent; the video, if there is one, stays private and is not published.';
comment on column public.scheduled_uploads.title_key is 'The title in the form in which two titles are compared.';
comment on column public.scheduled_uploads.altered_content is
  'The creator''s answer to YouTube''s question about altered or synthetic content (containsSyntheticMedia).';
comment on column public.scheduled_uploads.local_time is
  'publish_at on the clocks of time_zone, as it was when the slot was chosen.';
comment on column public.scheduled_uploads.youtube_publish_at is 'The publish time that YouTube was last told.';
comment on column public.scheduled_uploads.told_at is 'When YouTube was last told another publish time, or none.';
comment on column public.scheduled_uploads.withdrawal_notice_at is
  'When the user was told that YouTube does not let us withdraw this cancelled upload: by an event, with a link to '
  'Studio.';
comment on column public.scheduled_uploads.thumbnail is
  'Whether the render''s picture becomes the video''s. A step of its own: its failure never touches the upload.';
comment on column public.scheduled_uploads.version is
  'Counts edits and changes of state, not progress; the ETag of the resource.';
create trigger scheduled_uploads_touch before update on public.scheduled_uploads
  for each row execute function private.touch_updated_at();

create unique index scheduled_uploads_render_id_live_key on public.scheduled_uploads (render_id)
  where state not in ('cancelled', 'failed');
comment on index public.scheduled_uploads_render_id_live_key is 'One render is published once.';
create unique index scheduled_uploads_channel_id_sending_key on public.scheduled_uploads (channel_id)
  where state in ('preparing', 'uploading');
comment on index public.scheduled_uploads_channel_id_sending_key is 'One upload at a time for each channel.';
create index scheduled_uploads_channel_id_publish_at_idx on public.scheduled_uploads (channel_id, publish_at, id);
create index scheduled_uploads_publish_at_idx on public.scheduled_uploads (publish_at)
  where state not in ('cancelled', 'failed');
create index scheduled_uploads_render_id_idx on public.scheduled_uploads (render_id);
create index scheduled_uploads_created_by_idx on public.scheduled_uploads (created_by);

alter table public.scheduled_uploads enable row level security;
grant select on public.scheduled_uploads to authenticated;
create policy "members see the uploads of their channels" on public.scheduled_uploads
  for select to authenticated using (channel_id in (select private.my_channels()));

create function private.studio_url(p_upload public.scheduled_uploads) returns text
language sql stable set search_path = '' as $$
  select case when p_upload.youtube_video_id is not null
    then format('https://studio.youtube.com/video/%s/edit', p_upload.youtube_video_id)
    else (select format('https://studio.youtube.com/channel/%s/videos', c.youtube_channel_id)
      from public.channels c where c.id = p_upload.channel_id) end
$$;
comment on function private.studio_url(public.scheduled_uploads) is
  'Where its owner sees to a video, or to the channel''s videos while it has no id.';

create function private.upload_successors(p_state text) returns text[]
language plpgsql immutable set search_path = '' as $$
begin
  return case p_state
    when 'scheduled' then array['preparing', 'needs_attention', 'cancelled', 'failed']
    when 'preparing' then array['scheduled', 'uploading', 'needs_attention', 'cancelled', 'failed']
    when 'uploading' then array['scheduled', 'processing', 'outcome_unknown', 'needs_attention', 'cancelled', 'failed']
    when 'outcome_unknown' then array['scheduled', 'processing', 'needs_attention', 'cancelled']
    when 'processing' then array['on_youtube', 'published', 'needs_attention', 'cancelled', 'failed']
    when 'on_youtube' then array['published', 'needs_attention', 'cancelled', 'failed']
    when 'needs_attention' then array[
      'scheduled', 'outcome_unknown', 'processing', 'on_youtube', 'published', 'cancelled']
    else array[]::text[]
  end;
end
$$;
comment on function private.upload_successors(text) is
  'Which states may follow a state. From outcome_unknown no way leads straight back to sending.';

create function private.render_readiness(p_render uuid) returns text
language plpgsql stable set search_path = '' as $$
begin
  return (
    select case
      when state = 'ready' and confirmation = 'needed' then 'unconfirmed'
      when state = 'ready' then 'ready'
      when state in ('failed', 'cancelled') then 'failed'
      else 'running'
    end
    from public.renders where id = p_render);
end
$$;
comment on function private.render_readiness(uuid) is
  'ready, unconfirmed, running or failed: all that publishing needs to know of a render.';
