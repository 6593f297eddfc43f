-- How each video did against its own channel at the same age.

create function private.score_model() returns text
language sql immutable set search_path = '' as $$ select 'cce-score/2' $$;
comment on function private.score_model() is
  'The version of the model in force. Scores of another one are not shown: numbers of two versions never stand in one '
  'list, median or count.';
grant execute on function private.score_model() to authenticated;

create table public.performance_scores (
  video_id uuid not null,
  channel_id uuid not null,
  model_version text not null,
  format text,
  basis text not null,
  epoch text,
  checkpoint_hours integer,
  age_hours double precision,
  label text not null,
  withheld text,
  n integer not null default 0,
  score smallint,
  multiplier double precision,
  raw_multiplier double precision,
  log_multiplier double precision,
  z_total double precision,
  confidence double precision,
  confidence_level text,
  components jsonb not null default '{}',
  measures jsonb not null default '{}',
  baseline_video_ids uuid[] not null default '{}',
  inspiration_order double precision,
  timing_r double precision,
  timing_checkpoint_hours integer,
  scored_at timestamptz not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint performance_scores_pkey primary key (video_id),
  constraint performance_scores_video_id_fkey foreign key (video_id) references public.videos (id) on delete cascade,
  constraint performance_scores_channel_id_fkey foreign key (channel_id)
    references public.channels (id) on delete cascade,
  constraint performance_scores_basis_check check (basis in ('lifetime', 'public_views', 'engaged_views')),
  constraint performance_scores_epoch_check check (epoch in ('E0', 'E1', 'E2')),
  constraint performance_scores_label_check
    check (label in ('insufficient_data', 'too_recent', 'provisional', 'outlier', 'above', 'typical', 'below')),
  constraint performance_scores_withheld_check
    check (withheld in ('too_recent', 'too_few', 'unknown_format', 'not_measured')),
  constraint performance_scores_confidence_level_check check (confidence_level in ('low', 'medium', 'high')),
  constraint performance_scores_score_check check (score between 0 and 100),
  -- A number, or a reason for having none: never both, never neither.
  constraint performance_scores_score_withheld_check check (
    (withheld is null) = (label not in ('insufficient_data', 'too_recent'))
    and num_nonnulls(score, multiplier, raw_multiplier, log_multiplier, z_total, confidence, confidence_level)
      = case when withheld is null then 7 else 0 end)
);
comment on table public.performance_scores is
  'How each video did against its own channel at the same age: Content Catalyst scores, not YouTube metrics. Hidden '
  'until the operator has recorded in private.settings (derived_metrics_accepted_at) that YouTube''s derived-metrics '
  'amendment was accepted, and while they are of another version than the one in force (private.score_model).';
comment on column public.performance_scores.format is 'The cohort: only videos of one format are compared.';
comment on column public.performance_scores.basis is
  'lifetime: totals of videos of 30 days and more. public_views, engaged_views: the counter of that name at '
  'checkpoint_hours.';
comment on column public.performance_scores.age_hours is 'The age at which the video was compared; null for totals.';
comment on column public.performance_scores.withheld is 'Why there is no number; null when there is one.';
comment on column public.performance_scores.n is 'How many earlier videos it was compared with.';
comment on column public.performance_scores.score is
  '100 times the normal distribution at z_total, rounded: an index, not a probability.';
comment on column public.performance_scores.multiplier is
  'Views over typical views, pulled toward 1 when n is small. The published one.';
comment on column public.performance_scores.components is
  'reach, velocity, engagement, retention, each {n, m, s_raw, s, r, z}: level, spread and distance, on logarithms '
  'but for retention.';
comment on column public.performance_scores.measures is
  'What the video had: {views, gained, interactions, viewed_percent}.';
comment on column public.performance_scores.baseline_video_ids is 'The videos it was compared with, earliest first.';
comment on column public.performance_scores.inspiration_order is
  'Orders examples for generation, best first, as their value halves every half-life: that order does not change '
  'with time, so it is stored. Flops (log_multiplier below 0) have the same order among themselves.';
comment on column public.performance_scores.timing_r is
  'Distance from the usual reach at the first age of 48 hours or more that is known (timing_checkpoint_hours): what '
  'best times are made of.';
comment on column public.performance_scores.scored_at is
  'When the score last changed; scoring again without news changes nothing.';
create index performance_scores_channel_id_score_key_idx on public.performance_scores
  (channel_id, (coalesce(z_total, '-infinity')) desc, video_id desc);
create index performance_scores_channel_id_label_score_key_idx on public.performance_scores
  (channel_id, label, (coalesce(z_total, '-infinity')) desc, video_id desc);
create index performance_scores_channel_id_inspiration_order_idx on public.performance_scores (channel_id,
  inspiration_order desc)
  where inspiration_order is not null;
create trigger performance_scores_touch before update on public.performance_scores
  for each row execute function private.touch_updated_at();
alter table public.performance_scores enable row level security;
grant select on public.performance_scores to authenticated;
create policy "members see the scores of their channels once accepted" on public.performance_scores
  for select to authenticated
  using (
    channel_id in (select private.my_channels())
    and (select private.setting('derived_metrics_accepted_at')) is not null
    and model_version = private.score_model());

create function engine.scoring_input(p_channel uuid, p_after uuid, p_limit integer) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'now', extract(epoch from private.now()),
    'last_synced', (select extract(epoch from last_synced_at) from public.channels where id = p_channel),
    'videos', coalesce(jsonb_agg(
      jsonb_build_object(
        'id', v.id, 'youtube_video_id', v.youtube_video_id, 'published_at', extract(epoch from v.published_at),
        'format', v.format, 'views', v.views, 'likes', v.likes, 'comments', v.comments,
        'analytics_at', extract(epoch from v.analytics_at), 'snapshots', (
          select coalesce(jsonb_agg(jsonb_build_array(
            s.basis, extract(epoch from s.observed_at), s.views, s.likes, s.comments, s.average_view_percentage)), '[]')
          from public.video_snapshots s
          where s.video_id = v.id and s.age_hours <= private.scored_age_hours()))
      order by v.id), '[]'))
  from (
    select * from public.videos
    where channel_id = p_channel and (p_after is null or id > p_after) and published_at is not null and gone_at is null
    order by id
    limit least(p_limit, 1000)) v
$$;
comment on function engine.scoring_input(uuid, uuid, integer) is
  'What scoring a channel needs: published videos by id, after p_after, with the snapshots that can matter. One JSON '
  'value, so that the Data API''s cap on rows does not cut it.';

create function engine.store_scores(p_step uuid, p_fence bigint, p_scores jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_channel uuid;
  v_stored integer;
  v_changed integer;
begin
  perform private.assert_claim(p_step, p_fence);
  select subject_id into v_channel from private.steps where id = p_step;
  with given as (
    select * from jsonb_to_recordset(p_scores) as g(
      video_id uuid, model_version text, format text, basis text, epoch text, checkpoint_hours integer,
      age_hours double precision, label text, withheld text, n integer, score smallint, multiplier double precision,
      raw_multiplier double precision, log_multiplier double precision, z_total double precision,
      confidence double precision, confidence_level text, components jsonb, measures jsonb, baseline_video_ids uuid[],
      inspiration_order double precision, timing_r double precision, timing_checkpoint_hours integer)
    -- A video that was erased since the channel was read has no score any more.
    where exists (select from public.videos v where v.id = g.video_id and v.channel_id = v_channel
      and v.gone_at is null)
  ), changed as (
    insert into public.performance_scores as s (
      video_id, channel_id, model_version, format, basis, epoch, checkpoint_hours, age_hours, label, withheld, n, score,
      multiplier, raw_multiplier, log_multiplier, z_total, confidence, confidence_level, components, measures,
      baseline_video_ids, inspiration_order, timing_r, timing_checkpoint_hours, scored_at)
    select video_id, v_channel, model_version, format, basis, epoch, checkpoint_hours, age_hours, label, withheld,
      coalesce(n, 0), score, multiplier, raw_multiplier, log_multiplier, z_total, confidence, confidence_level,
      coalesce(components, '{}'), coalesce(measures, '{}'), coalesce(baseline_video_ids, '{}'), inspiration_order,
      timing_r, timing_checkpoint_hours, private.now()
    from given
    on conflict on constraint performance_scores_pkey do update
    set model_version = excluded.model_version, format = excluded.format, basis = excluded.basis,
        epoch = excluded.epoch, checkpoint_hours = excluded.checkpoint_hours, age_hours = excluded.age_hours,
        label = excluded.label, withheld = excluded.withheld, n = excluded.n, score = excluded.score,
        multiplier = excluded.multiplier, raw_multiplier = excluded.raw_multiplier,
        log_multiplier = excluded.log_multiplier, z_total = excluded.z_total, confidence = excluded.confidence,
        confidence_level = excluded.confidence_level, components = excluded.components, measures = excluded.measures,
        baseline_video_ids = excluded.baseline_video_ids, inspiration_order = excluded.inspiration_order,
        timing_r = excluded.timing_r, timing_checkpoint_hours = excluded.timing_checkpoint_hours,
        scored_at = excluded.scored_at
    where (s.model_version, s.format, s.basis, s.epoch, s.checkpoint_hours, s.label, s.withheld, s.n, s.confidence,
      s.components,
        s.measures, s.baseline_video_ids, s.timing_r, s.timing_checkpoint_hours)
      is distinct from (excluded.model_version, excluded.format, excluded.basis, excluded.epoch,
        excluded.checkpoint_hours, excluded.label, excluded.withheld, excluded.n, excluded.confidence,
        excluded.components, excluded.measures, excluded.baseline_video_ids, excluded.timing_r,
        excluded.timing_checkpoint_hours)
    returning 1
  )
  select (select count(*) from given), (select count(*) from changed) into v_stored, v_changed;
  return jsonb_build_object('stored', v_stored, 'changed', v_changed);
end
$$;
comment on function engine.store_scores(uuid, bigint, jsonb) is
  'Stores scores of the channel that the step is about; a score that did not change is not written again.';

create function engine.finish_scores(p_step uuid, p_fence bigint, p_summary jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_channel uuid;
begin
  perform private.assert_claim(p_step, p_fence);
  select subject_id into v_channel from private.steps where id = p_step;
  delete from public.performance_scores s using public.videos v
  where v.id = s.video_id and s.channel_id = v_channel and (v.gone_at is not null or v.published_at is null);
  update public.channels set last_scored_at = private.now() where id = v_channel;
  perform private.log_event('channel.scored', 'info', 'scoring', 'The channel''s videos were scored.',
    p_summary || jsonb_build_object('channel_id', v_channel), null);
end
$$;
comment on function engine.finish_scores(uuid, bigint, jsonb) is
  'Ends a scoring pass: drops the scores of videos that are gone, and notes what came of it.';

create function private.on_dead_channel_score(p_subject uuid, p_error jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  perform private.log_event('channel.score_failed', 'error', 'scoring',
    'The channel''s videos could not be scored. The scores of the last pass stay; the next synchronisation tries '
    'again.', jsonb_build_object('channel_id', p_subject, 'error', p_error), null);
end
$$;

create function private.reconcile_scores() returns integer
language plpgsql set search_path = '' as $$
declare
  v_channel uuid;
  v_channels integer := 0;
begin
  -- A pass that has ended leaves one version, and one that was interrupted goes on by itself: any score tells.
  for v_channel in
    select c.id from public.channels c
    where c.state <> 'erasing' and private.score_model() <> (
      select s.model_version from public.performance_scores s where s.channel_id = c.id limit 1)
      and not exists (
        select from private.steps t
        where t.kind = 'channel.score' and t.subject_id = c.id
          and (t.state in ('waiting', 'running') or t.updated_at > clock_timestamp() - interval '1 hour'))
    order by c.last_scored_at nulls first, c.id
    limit 100
  loop
    perform private.enqueue_step('score', 'channel.score', v_channel, v_channel);
    v_channels := v_channels + 1;
  end loop;
  return v_channels;
end
$$;
comment on function private.reconcile_scores() is
  'Has channels whose scores are of another version than the one in force scored anew, a hundred at a time: after a '
  'new version, or after a restore of an older backup. A pass that changed nothing, because the functions are still '
  'the older ones, is tried again after an hour. Answers how many.';
select cron.schedule('reconcile-scores', '*/5 * * * *', 'select private.reconcile_scores()');
