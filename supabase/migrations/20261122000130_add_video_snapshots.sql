-- Counters of the videos over time.

create table public.video_snapshots (
  video_id uuid not null,
  channel_id uuid not null,
  basis text not null,
  observed_at timestamptz not null,
  age_hours double precision not null,
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
  'Counters of one video at one moment since its publication, cumulative. Numbers of different basis are never '
  'compared, nor are public views that YouTube counted in different ways; the scoring model knows since when.';
comment on column public.video_snapshots.basis is
  'public_views: the counter on the page. engaged_views: Analytics'' engagedViews, rebuilt from daily curves, whose '
  'meaning never changed.';
comment on column public.video_snapshots.age_hours is 'Hours between publication and observation.';
comment on column public.video_snapshots.read_at is
  'When YouTube last told it; a curve tells the same day again and again.';
create index video_snapshots_channel_id_idx on public.video_snapshots (channel_id, observed_at desc);
create trigger video_snapshots_touch before update on public.video_snapshots
  for each row execute function private.touch_updated_at();
alter table public.video_snapshots enable row level security;
grant select on public.video_snapshots to authenticated;
create policy "members see the snapshots of their channels" on public.video_snapshots
  for select to authenticated using (channel_id in (select private.my_channels()));

create index video_snapshots_observed_at_idx on public.video_snapshots using brin (observed_at);

create function private.scored_age_hours() returns double precision
language sql immutable set search_path = '' as $$
  select 4320
$$;
comment on function private.scored_age_hours() is
  'The age up to which scoring reads: twice the last checkpoint of its model; nothing is interpolated from later.';

create function private.thin_snapshots(p_weeks integer default 3) returns bigint
language plpgsql set search_path = '' as $$
declare
  v_until timestamptz := date_trunc('week', private.now(), 'UTC');
  v_deleted bigint;
begin
  delete from public.video_snapshots s
  where s.age_hours > private.scored_age_hours()
    and s.observed_at >= v_until - make_interval(weeks => p_weeks) and s.observed_at < v_until
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
