-- Pages of videos with their scores, and one video with everything about it.

create view public.scored_videos with (security_invoker = true) as
select v.id, v.channel_id, v.youtube_video_id, v.title, v.format, v.privacy, v.published_at, v.duration_seconds,
  v.thumbnail_url, v.views, v.likes, v.comments, v.average_view_percentage, v.counted_at, v.gone_at,
  s.model_version, s.basis, s.checkpoint_hours, s.label, s.withheld, s.n, s.score, s.multiplier, s.raw_multiplier,
  s.log_multiplier, s.z_total, s.confidence, s.confidence_level, s.components, s.measures, s.baseline_video_ids,
  s.inspiration_order, s.scored_at, coalesce(s.z_total, '-infinity') as score_key,
  coalesce(v.published_at, 'epoch') as published_key,
  (select private.setting('derived_metrics_accepted_at')) is not null as scores_shown
from public.videos v left join public.performance_scores s on s.video_id = v.id;
comment on view public.scored_videos is
  'Videos with their scores, as the caller may see them; the score''s columns are null while scores are hidden.';
comment on column public.scored_videos.score_key is 'z_total, or the lowest number there is: a key to page by.';
comment on column public.scored_videos.published_key is
  'published_at, or a time before there was YouTube: a key to page by.';
grant select on public.scored_videos to authenticated;

create function public.list_videos(
  p_channel uuid default null, p_label text default null, p_format text default null, p_sort text default null,
  p_after_key text default null, p_after_id uuid default null, p_limit integer default null,
  p_words text[] default null, p_from timestamptz default null, p_to timestamptz default null
) returns table (
  id uuid, channel_id uuid, youtube_video_id text, title text, format text, privacy text, published_at timestamptz,
  duration_seconds integer, thumbnail_url text, views bigint, likes bigint, comments bigint,
  average_view_percentage double precision, counted_at timestamptz, gone_at timestamptz, model_version text, basis text,
  checkpoint_hours integer, label text, withheld text, n integer, score smallint, multiplier double precision,
  raw_multiplier double precision, z_total double precision, confidence double precision, confidence_level text,
  scored_at timestamptz, scores_shown boolean, page_key text
)
language plpgsql stable security invoker
set search_path = '' set plan_cache_mode = 'force_generic_plan' set enable_sort = off set jit = off as $$
#variable_conflict use_column
declare
  v_limit integer := least(coalesce(p_limit, 26), 101);
  v_before_id uuid := coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
  v_before_time timestamptz;
  v_before_score double precision;
  v_channels uuid[] := array(select c from private.my_channels() c where p_channel is null or c = p_channel);
  v_from timestamptz := coalesce(p_from, '-infinity');
  v_to timestamptz := coalesce(p_to, 'infinity');
  v_patterns text[] := array(
    select '%' || regexp_replace(w, '([\\%_])', '\\\1', 'g') || '%' from unnest(p_words) w);
  v_ids uuid[];
  v_keys text[];
  v_numbers bigint;
begin
  -- First which, by an index that has the order, channel by channel; then what they are. The plan is made once for a
  -- connection, without knowing how few rows the limit leaves: the settings above and `offset 0`, behind which nothing
  -- is joined in another order, leave it no other way.
  if p_sort = 'score' then
    v_before_score := coalesce(p_after_key::double precision, 'infinity');
    with best as (
      select s.id, s.key from unnest(v_channels) c cross join lateral (
        select s.video_id as id, coalesce(s.z_total, '-infinity') as key
        from public.performance_scores s
        where s.channel_id = c and p_label is null
          and (coalesce(s.z_total, '-infinity'), s.video_id) < (v_before_score, v_before_id)
          and exists (
            select from public.videos v
            where v.id = s.video_id and v.gone_at is null and (p_format is null or v.format = p_format)
              and lower(v.title) like all (v_patterns)
              and coalesce(v.published_at, 'epoch') >= v_from and coalesce(v.published_at, 'epoch') < v_to offset 0)
        order by coalesce(s.z_total, '-infinity') desc, s.video_id desc limit v_limit) s
      union all
      select s.id, s.key from unnest(v_channels) c cross join lateral (
        select s.video_id as id, coalesce(s.z_total, '-infinity') as key
        from public.performance_scores s
        where s.channel_id = c and s.label = p_label
          and (coalesce(s.z_total, '-infinity'), s.video_id) < (v_before_score, v_before_id)
          and exists (
            select from public.videos v
            where v.id = s.video_id and v.gone_at is null and (p_format is null or v.format = p_format)
              and lower(v.title) like all (v_patterns)
              and coalesce(v.published_at, 'epoch') >= v_from and coalesce(v.published_at, 'epoch') < v_to offset 0)
        order by coalesce(s.z_total, '-infinity') desc, s.video_id desc limit v_limit) s
      order by 2 desc, 1 desc limit v_limit)
    select array_agg(id order by key desc, id desc), array_agg(key::text order by key desc, id desc),
      count(*) filter (where key > '-infinity')
    into v_ids, v_keys, v_numbers from best;
    -- Videos without a score, or whose score the caller may not see, stand among those without a number.
    if p_label is null and v_numbers < v_limit then
      with rest as (
        select u.id, u.key::double precision as key from unnest(v_ids, v_keys) u (id, key)
        union all
        select v.id, '-infinity' from unnest(v_channels) c cross join lateral (
          select v.id from public.videos v
          where v.channel_id = c and v.gone_at is null and (p_format is null or v.format = p_format)
            and lower(v.title) like all (v_patterns)
            and coalesce(v.published_at, 'epoch') >= v_from and coalesce(v.published_at, 'epoch') < v_to
            and ('-infinity'::double precision, v.id) < (v_before_score, v_before_id)
            and not exists (select from public.performance_scores s where s.video_id = v.id offset 0)
          order by v.id desc limit v_limit) v
        order by 2 desc, 1 desc limit v_limit)
      select array_agg(id order by key desc, id desc), array_agg(key::text order by key desc, id desc)
      into v_ids, v_keys from rest;
    end if;
  else
    v_before_time := coalesce(p_after_key::timestamptz, 'infinity');
    with newest as (
      select v.id, v.key from unnest(v_channels) c cross join lateral (
        select v.id, coalesce(v.published_at, 'epoch') as key from public.videos v
        where v.channel_id = c and v.gone_at is null and (p_format is null or v.format = p_format)
          and lower(v.title) like all (v_patterns)
          and coalesce(v.published_at, 'epoch') >= v_from and coalesce(v.published_at, 'epoch') < v_to
          and (coalesce(v.published_at, 'epoch'), v.id) < (v_before_time, v_before_id)
          and (p_label is null or exists (
            select from public.performance_scores s where s.video_id = v.id and s.label = p_label offset 0))
        order by coalesce(v.published_at, 'epoch') desc, v.id desc limit v_limit) v
      order by 2 desc, 1 desc limit v_limit)
    select array_agg(id order by key desc, id desc), array_agg(key::text order by key desc, id desc) into v_ids, v_keys
    from newest;
  end if;
  return query
    select v.id, v.channel_id, v.youtube_video_id, v.title, v.format, v.privacy, v.published_at, v.duration_seconds,
      v.thumbnail_url, v.views, v.likes, v.comments, v.average_view_percentage, v.counted_at, v.gone_at,
      v.model_version, v.basis, v.checkpoint_hours, v.label, v.withheld, v.n, v.score, v.multiplier, v.raw_multiplier,
      v.z_total, v.confidence, v.confidence_level, v.scored_at, v.scores_shown, u.key
    from unnest(v_ids, v_keys) with ordinality u (id, key, place)
    cross join lateral (select * from public.scored_videos v where v.id = u.id offset 0) v
    order by u.place;
end
$$;
comment on function public.list_videos(uuid, text, text, text, text, uuid, integer, text[], timestamptz, timestamptz) is
  'A page of the caller''s videos that are on YouTube, by `newest` or by `score`, as row level security lets them '
  'be seen; p_words: all of them, in lower case, stand in the title. Goes on after the page_key and the id of the last '
  'row of the page before. Without p_words its cost does not grow with the number of videos.';
grant execute
  on function public.list_videos(uuid, text, text, text, text, uuid, integer, text[], timestamptz, timestamptz)
  to authenticated;

create function public.video_details(p_video uuid) returns json
language plpgsql stable security invoker set search_path = '' set plan_cache_mode = 'force_generic_plan' as $$
declare
  v_row public.scored_videos;
begin
  select * into v_row from public.scored_videos where id = p_video;
  if v_row.id is null then
    return null;
  end if;
  return json_build_object(
    'video', row_to_json(v_row),
    'series', (
      select coalesce(json_agg(s), '[]') from (
        select s.basis, s.observed_at, s.age_hours, s.views, s.likes, s.comments, s.average_view_percentage
        from public.video_snapshots s where s.video_id = p_video order by s.observed_at, s.basis limit 1000) s),
    'baseline', (
      select coalesce(json_agg(b), '[]') from (
        select b.id, b.youtube_video_id, b.title, b.published_at, b.views
        from unnest(v_row.baseline_video_ids) u (id)
        cross join lateral (select * from public.videos v where v.id = u.id offset 0) b
        order by b.published_at desc nulls first, b.id desc) b));
end
$$;
comment on function public.video_details(uuid) is
  'One video with its series and the videos it was compared with, as row level security lets them be seen; null when '
  'it is not.';
grant execute on function public.video_details(uuid) to authenticated;
