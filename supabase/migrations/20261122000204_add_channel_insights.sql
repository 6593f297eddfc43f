-- What the scores of a channel say as a whole.

create function public.channel_insights(p_channel uuid) returns jsonb
language sql stable security invoker set search_path = '' as $$
  select jsonb_build_object(
    'time_zone', c.time_zone,
    'posting_slots', c.posting_slots,
    'last_synced_at', c.last_synced_at,
    'last_scored_at', c.last_scored_at,
    'scores_shown', private.setting('derived_metrics_accepted_at') is not null,
    'formats', (
      select coalesce(jsonb_agg(to_jsonb(f) order by f.videos desc, f.format), '[]')
      from (
        select v.format, count(*) as videos, count(s.score) as scored,
          count(*) filter (where s.label = 'outlier') as outliers, count(*) filter (where s.label = 'above') as above,
          count(*) filter (where s.label = 'typical') as typical, count(*) filter (where s.label = 'below') as below,
          count(*) filter (where s.label = 'provisional') as provisional, count(s.withheld) as withheld,
          percentile_cont(0.5) within group (order by s.multiplier)
            filter (where v.published_at > private.now() - interval '365 days') as median_multiplier,
          max(v.published_at) as newest_at
        from public.videos v left join public.performance_scores s on s.video_id = v.id
        where v.channel_id = c.id and v.gone_at is null and v.published_at is not null
        group by v.format) f),
    'baselines', (
      select coalesce(jsonb_agg(to_jsonb(b) order by b.format, b.checkpoint_hours nulls last, b.basis), '[]')
      from (
        select distinct on (s.format, s.basis, s.checkpoint_hours) s.format, s.basis, s.epoch, s.checkpoint_hours, s.n,
          (s.components #>> '{reach,m}')::double precision as m, (s.components #>> '{reach,s}')::double precision as s,
          v.published_at as until
        from public.performance_scores s join public.videos v on v.id = s.video_id
        where s.channel_id = c.id and s.score is not null
        order by s.format, s.basis, s.checkpoint_hours, v.published_at desc) b),
    'outliers', (
      select coalesce(jsonb_agg(to_jsonb(o) order by o.inspiration_order desc), '[]')
      from (
        select v.id, v.youtube_video_id, v.title, v.format, v.published_at, v.views, s.score, s.multiplier, s.label,
          s.confidence_level, s.inspiration_order
        from public.performance_scores s join public.videos v on v.id = s.video_id
        where s.channel_id = c.id and s.label = 'outlier'
        order by s.inspiration_order desc limit 10) o),
    'flops', (
      select coalesce(jsonb_agg(to_jsonb(o) order by o.inspiration_order desc), '[]')
      from (
        select v.id, v.youtube_video_id, v.title, v.format, v.published_at, v.views, s.score, s.multiplier, s.label,
          s.confidence_level, s.inspiration_order
        from public.performance_scores s join public.videos v on v.id = s.video_id
        where s.channel_id = c.id and s.label = 'below'
        order by s.inspiration_order desc limit 10) o),
    'timings', (
      select coalesce(jsonb_agg(jsonb_build_array(extract(epoch from v.published_at), s.timing_r)), '[]')
      from public.performance_scores s join public.videos v on v.id = s.video_id
      where s.channel_id = c.id and s.timing_r is not null))
  from public.channels c
  where c.id = p_channel
$$;
comment on function public.channel_insights(uuid) is
  'What a channel''s scores say as a whole, as the caller may see it; null for a channel that is not theirs.';
grant execute on function public.channel_insights(uuid) to authenticated;
