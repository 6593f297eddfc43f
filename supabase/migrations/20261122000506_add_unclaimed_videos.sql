-- Videos whose schedule was lost when the database was restored.

create table private.unclaimed_videos (
  channel_id uuid not null,
  youtube_video_id text not null,
  title text not null,
  title_key text not null,
  file_bytes bigint,
  publish_at timestamptz,
  found_at timestamptz not null,
  released_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  constraint unclaimed_videos_pkey primary key (channel_id, youtube_video_id),
  constraint unclaimed_videos_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade
);
comment on table private.unclaimed_videos is
  'Videos that carry our mark and belong to no upload: they were uploaded between a backup and its restore, so their '
  'schedule is lost. While such a row is not released, the same video is not scheduled again.';
comment on column private.unclaimed_videos.released_at is
  'Set by `catalyst unclaimed release` when the video may be uploaded again.';
alter table private.unclaimed_videos enable row level security;

create function private.refuse_unclaimed() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_video private.unclaimed_videos;
begin
  select v.* into v_video from private.unclaimed_videos v
  where v.channel_id = new.channel_id and v.released_at is null
    and (v.title_key = new.title_key
      or v.file_bytes = (select r.file_bytes from public.renders r where r.id = new.render_id))
  limit 1;
  if v_video.channel_id is not null then
    perform private.refuse(409, 'duplicate_upload',
      format('This video is on YouTube already, as https://youtu.be/%s: its schedule was lost when the database was '
        'restored. '
        'Go on with it in YouTube Studio.', v_video.youtube_video_id), '/render_id');
  end if;
  return new;
end
$$;
create trigger scheduled_uploads_refuse_unclaimed before insert on public.scheduled_uploads
  for each row execute function private.refuse_unclaimed();
