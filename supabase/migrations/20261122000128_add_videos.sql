-- What YouTube knows about a channel's videos.

create table public.videos (
  id uuid not null default gen_random_uuid(),
  channel_id uuid not null,
  youtube_video_id text not null,
  title text not null,
  description text,
  tags text[] not null default '{}',
  category_id text,
  language text,
  thumbnail_url text,
  published_at timestamptz,
  duration_seconds integer,
  format text,
  privacy text,
  upload_status text,
  publish_at timestamptz,
  broadcast text,
  made_for_kids boolean,
  contains_synthetic_media boolean,
  views bigint,
  likes bigint,
  comments bigint,
  average_view_percentage double precision,
  counted_at timestamptz,
  format_checked_at timestamptz,
  analytics_at timestamptz,
  next_checkpoint_at timestamptz,
  sync_pass bigint not null default 0,
  gone_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint videos_pkey primary key (id),
  constraint videos_channel_id_youtube_video_id_key unique (channel_id, youtube_video_id),
  constraint videos_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade,
  constraint videos_format_check check (format in ('short', 'long', 'live')),
  constraint videos_duration_seconds_check check (duration_seconds >= 0),
  constraint videos_views_check check (views >= 0),
  constraint videos_likes_check check (likes >= 0),
  constraint videos_comments_check check (comments >= 0)
);
comment on table public.videos is
  'Videos of connected channels as YouTube reports them, ours or not, with their newest public counters.';
comment on column public.videos.published_at is 'When it became public; null while it never was.';
comment on column public.videos.format is
  'From Analytics'' creatorContentType, never from the duration: no length tells a short from a film. Null until '
  'known; then there is no score.';
comment on column public.videos.views is
  'Public counter at counted_at; null when YouTube hides it. Likes and comments likewise.';
comment on column public.videos.average_view_percentage is
  'Average percentage viewed over the whole life, from Analytics; can exceed 100.';
comment on column public.videos.counted_at is 'When the counters were read.';
comment on column public.videos.format_checked_at is 'When Analytics was last asked for the format.';
comment on column public.videos.analytics_at is 'When the daily curve was last read.';
comment on column public.videos.next_checkpoint_at is
  'When the video reaches the next age at which the scoring model looks; null after the last.';
comment on column public.videos.sync_pass is
  'The newest pass over the catalogue that met this video; one that a whole pass did not meet may be gone.';
comment on column public.videos.gone_at is 'When it was found to be no longer on YouTube.';
create index videos_channel_id_published_at_idx on public.videos (channel_id, published_at desc);
-- The orders of the lists: a page costs the same whatever stands behind it.
create index videos_channel_id_published_key_idx on public.videos (channel_id, (coalesce(published_at, 'epoch')) desc,
  id desc)
  where gone_at is null;
create index videos_channel_id_id_idx on public.videos (channel_id, id desc);
create index videos_channel_id_next_checkpoint_at_idx on public.videos (channel_id, next_checkpoint_at)
  where next_checkpoint_at is not null;
create index videos_coming_out_idx on public.videos (channel_id, publish_at)
  where privacy = 'private' and publish_at is not null and gone_at is null;
create trigger videos_touch before update on public.videos for each row execute function private.touch_updated_at();
alter table public.videos enable row level security;
grant select on public.videos to authenticated;
create policy "members see the videos of their channels" on public.videos
  for select to authenticated using (channel_id in (select private.my_channels()));
