-- Counters of the videos over time.

create table public.video_snapshots (
  video_id uuid not null,
  channel_id uuid not null,
  basis text not null,
  observed_at timestamptz not null,
  age_hours double precision not null,
  epoch smallint,
  views bigint not null,
  likes bigint,
  comments bigint,
  average_view_percentage double precision,
  read_at timestamptz not null default private.now(),
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint video_snapshots_pkey primary key (video_id, basis, observed_at),
  constraint video_snapshots_video_id_fkey foreign key (video_id) references public.videos (id) on delete cascade,
  constraint video_snapshots_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade,
  constraint video_snapshots_basis_check check (basis in ('public_views', 'engaged_views')),
  constraint video_snapshots_age_hours_check check (age_hours >= 0),
  constraint video_snapshots_views_check check (views >= 0)
);
comment on table public.video_snapshots is
  'Counters of one video at one moment since its publication, cumulative. Numbers of different basis or epoch are '
  'never compared.';
comment on column public.video_snapshots.basis is
  'public_views: the counter on the page. engaged_views: Analytics'' engagedViews, rebuilt from daily curves, whose '
  'meaning never changed.';
comment on column public.video_snapshots.age_hours is 'Hours between publication and observation.';
comment on column public.video_snapshots.read_at is
  'When YouTube last told it; a curve tells the same day again and again.';
comment on column public.video_snapshots.epoch is
  'How public views were counted from publication to observation: 0 the old way, 1 Shorts since 2025-03-31, 2 every '
  'format since 2026-08-24. Null when the counting changed in between: such a number is shown but compared with '
  'nothing. Always 0 for engaged_views.';
create index video_snapshots_channel_id_idx on public.video_snapshots (channel_id, observed_at desc);
create trigger video_snapshots_touch before update on public.video_snapshots
  for each row execute function private.touch_updated_at();
alter table public.video_snapshots enable row level security;
grant select on public.video_snapshots to authenticated;
create policy "members see the snapshots of their channels" on public.video_snapshots
  for select to authenticated using (channel_id in (select private.my_channels()));

create index video_snapshots_observed_at_idx on public.video_snapshots using brin (observed_at);

create function private.thin_snapshots(p_weeks integer default 3) returns bigint
language plpgsql set search_path = '' as $$
declare
  v_until timestamptz := date_trunc('week', private.now(), 'UTC');
  v_deleted bigint;
begin
  delete from public.video_snapshots s
  where s.age_hours > 4320 and s.observed_at >= v_until - make_interval(weeks => p_weeks) and s.observed_at < v_until
    and exists (
      select from public.video_snapshots later
      where later.video_id = s.video_id and later.basis = s.basis and later.observed_at > s.observed_at
        and later.observed_at < date_trunc('week', s.observed_at, 'UTC') + interval '1 week');
  get diagnostics v_deleted = row_count;
  return v_deleted;
end
$$;
comment on function private.thin_snapshots(integer) is
  'Of what was observed of a video past the age that scoring reads (180 days), keeps the last of each week: Mondays '
  'at 0:00 UTC begin one. Looks at the whole weeks just past, so that a missed night is made up for.';
select cron.schedule('thin-snapshots', '5 3 * * *', 'select private.thin_snapshots()');

create function private.view_epoch(p_format text, p_from timestamptz, p_to timestamptz) returns smallint
language sql immutable set search_path = '' as $$
  select case
    when p_from >= '2026-08-28' then 2
    when p_to >= '2026-08-24' then null
    when p_to < '2025-03-31' then 0
    when p_format in ('long', 'live') then 0
    when p_format = 'short' and p_from >= '2025-03-31' then 1
  end::smallint
$$;
comment on function private.view_epoch(text, timestamptz, timestamptz) is
  'How public views between two instants were counted; null when it changed in between or cannot be told. The days '
  'from 24 to 27 August 2026, in which the change reached one video after another, belong to no epoch.';
