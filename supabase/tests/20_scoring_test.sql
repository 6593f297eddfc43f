begin;
select plan(64);

-- People, channels, videos -------------------------------------------------------------------------------------------

\ir channels.seed
update public.channels set last_synced_at = now() where id in (pg_temp.channel(), pg_temp.others_channel());
insert into public.videos (id, channel_id, youtube_video_id, title, published_at, format, views, likes, comments, gone_at)
select ('00000000-0000-4000-8000-0000000000' || lpad(i::text, 2, '0'))::uuid, pg_temp.channel(), 'vid' || i, 'Video ' || i,
  case when i <> 6 then now() - make_interval(days => 100 - i) end, 'long', 1000 * i, 10, 1, case when i = 5 then now() end
from generate_series(1, 6) as i;
insert into public.videos (id, channel_id, youtube_video_id, title, published_at, format, views) values
  ('00000000-0000-4000-8000-000000000011', pg_temp.others_channel(), 'vid11', 'Their video', now() - interval '9 days', 'long', 5);
insert into public.video_snapshots (video_id, channel_id, basis, observed_at, age_hours, views, likes, comments) values
  ('00000000-0000-4000-8000-000000000001', pg_temp.channel(), 'public_views', now(), 48, 7, 1, 0),
  ('00000000-0000-4000-8000-000000000001', pg_temp.channel(), 'public_views', now() + interval '1 s', 4400, 9, 1, 0);
delete from private.settings where key = 'derived_metrics_accepted_at';

create function pg_temp.score(p_video integer, p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object(
    'video_id', '00000000-0000-4000-8000-0000000000' || lpad(p_video::text, 2, '0'), 'model_version', 'cce-score/2', 'format', 'long',
    'basis', 'lifetime', 'label', 'outlier', 'n', 6, 'score', 97, 'multiplier', 2.1, 'raw_multiplier', 2.6, 'log_multiplier', 0.74,
    'z_total', 1.9, 'confidence', 0.55, 'confidence_level', 'medium', 'components', '{"reach": {"m": 8.5, "s": 0.4}}'::jsonb,
    'measures', '{"views": 1}'::jsonb, 'baseline_video_ids', '["00000000-0000-4000-8000-000000000001"]'::jsonb,
    'inspiration_order', 70.5) || p_more
$$;
create function pg_temp.withheld(p_video integer) returns jsonb language sql as $$
  select jsonb_build_object(
    'video_id', '00000000-0000-4000-8000-0000000000' || lpad(p_video::text, 2, '0'), 'model_version', 'cce-score/2', 'basis', 'lifetime',
    'label', 'too_recent', 'withheld', 'too_recent', 'n', 0)
$$;
create temp table step as
select private.enqueue_step('score', 'channel.score', pg_temp.channel(), pg_temp.channel()) as id;
update private.steps set state = 'running', fence = 7 where id = (select id from step);
create function pg_temp.store(p_fence bigint, p_scores jsonb) returns jsonb language sql as $$
  select engine.store_scores((select id from step), p_fence, p_scores)
$$;

-- A list from its first page to its last, in pages of so many.
create function pg_temp.walk(p_sort text, p_page integer, p_label text default null) returns text[] language plpgsql as $$
declare
  v_seen text[] := '{}';
  v_key text;
  v_id uuid;
  v_row record;
  v_rows integer;
begin
  loop
    v_rows := 0;
    for v_row in select * from public.list_videos(null, p_label, null, p_sort, v_key, v_id, p_page) loop
      v_seen := v_seen || v_row.youtube_video_id;
      v_key := v_row.page_key;
      v_id := v_row.id;
      v_rows := v_rows + 1;
    end loop;
    exit when v_rows < p_page;
  end loop;
  return v_seen;
end
$$;
grant execute on function pg_temp.walk(text, integer, text) to authenticated;

-- Rules of access ----------------------------------------------------------------------------------------------------

select has_table('public', 'performance_scores', 'scores have a table');
select is((select relrowsecurity from pg_class where oid = 'public.performance_scores'::regclass), true, 'scores are under row level security');
select ok(not has_table_privilege('authenticated', 'public.performance_scores', 'insert, update, delete'), 'users write no scores');
select ok(not has_table_privilege('service_role', 'public.performance_scores', 'insert, update, delete'), 'the secret key writes no scores either');
select ok(not has_table_privilege('anon', 'public.performance_scores', 'select'), 'nobody reads scores without signing in');
select ok(not has_table_privilege('anon', 'public.scored_videos', 'select'), 'nor through the view');
select ok(not has_table_privilege('authenticated', 'public.scored_videos', 'insert, update, delete'), 'the view is for reading');
select ok(not has_function_privilege('anon', 'public.channel_insights(uuid)', 'execute'), 'nor through insights');
select ok(has_function_privilege('authenticated', 'public.channel_insights(uuid)', 'execute'), 'members ask for insights');
select ok(not has_function_privilege('authenticated', 'engine.store_scores(uuid, bigint, jsonb)', 'execute'), 'users call no engine function');
select ok(not has_function_privilege('authenticated', 'engine.scoring_input(uuid, uuid, integer)', 'execute'), 'users do not read the input');
select ok(has_function_privilege('service_role', 'engine.store_scores(uuid, bigint, jsonb)', 'execute'), 'the functions do');

-- Reading the input --------------------------------------------------------------------------------------------------

create temp table input as
select engine.scoring_input(pg_temp.channel(), null, 1000) as page;
select is(jsonb_array_length((select page -> 'videos' from input)), 4, 'neither gone nor unpublished videos are compared');
select is((select page #>> '{videos,0,youtube_video_id}' from input), 'vid1', 'videos come by id');
select is((select jsonb_array_length(page #> '{videos,0,snapshots}') from input), 1, 'snapshots past the last checkpoint stay where they are');
select is((select page #>> '{videos,0,snapshots,0,0}' from input), 'public_views', 'a snapshot names its basis');
select is((select jsonb_array_length(page #> '{videos,1,snapshots}') from input), 0, 'a video may have none');
select is(
  engine.scoring_input(pg_temp.channel(), '00000000-0000-4000-8000-000000000002', 1) #>> '{videos,0,id}',
  '00000000-0000-4000-8000-000000000003', 'the next page begins after the last id');
select is(engine.scoring_input(pg_temp.channel(), '00000000-0000-4000-8000-000000000004', 9) -> 'videos', '[]', 'the last page is empty');

-- Storing ------------------------------------------------------------------------------------------------------------

select throws_ok(format($$ select pg_temp.store(6, '[]') $$), 'PT409', 'stale_fence', 'a claim that was taken over stores nothing');
select is(
  pg_temp.store(7, jsonb_build_array(pg_temp.score(1), pg_temp.score(2, '{"label": "below", "inspiration_order": 3}'), pg_temp.withheld(4))),
  '{"stored": 3, "changed": 3}', 'scores are stored');
select is(
  pg_temp.store(7, jsonb_build_array(pg_temp.score(1), pg_temp.score(2, '{"label": "below", "inspiration_order": 3}'), pg_temp.withheld(4))),
  '{"stored": 3, "changed": 0}', 'storing them again changes nothing');
select is(pg_temp.store(7, jsonb_build_array(pg_temp.score(1, '{"n": 7}'))), '{"stored": 1, "changed": 1}', 'a new comparison replaces the old one');
select is((select n from public.performance_scores where video_id = '00000000-0000-4000-8000-000000000001'), 7, 'and is what is shown');
select is(pg_temp.store(7, jsonb_build_array(pg_temp.score(11))), '{"stored": 0, "changed": 0}', 'a video of another channel is not touched');
select is(pg_temp.store(7, jsonb_build_array(pg_temp.score(5))), '{"stored": 0, "changed": 0}', 'a video that is gone gets no score');
select throws_ok(
  format($$ select pg_temp.store(7, %L) $$, jsonb_build_array(pg_temp.score(3, '{"withheld": "too_few"}'))),
  '23514', null, 'a score is a number or a reason, not both');
select throws_ok(
  format($$ select pg_temp.store(7, %L) $$, jsonb_build_array(pg_temp.score(3, '{"confidence": null}'))),
  '23514', null, 'no number stands alone');
select throws_ok(
  format($$ select pg_temp.store(7, %L) $$, jsonb_build_array(pg_temp.score(3, '{"label": "great"}'))), '23514', null, 'labels are known words');

-- Hidden until accepted ----------------------------------------------------------------------------------------------

select pg_temp.act_as(pg_temp.owner());
select is((select count(*) from public.performance_scores)::integer, 0, 'scores are hidden before the amendment is accepted');
select is((select count(*) from public.scored_videos where score is not null or label is not null)::integer, 0, 'the view hides them too');
select is((select count(*) from public.scored_videos)::integer, 6, 'but shows the videos');
select ok((select not bool_or(scores_shown) from public.scored_videos), 'and says why');
select is(
  (select jsonb_build_array(i -> 'outliers', i -> 'baselines', i -> 'scores_shown') from public.channel_insights(pg_temp.channel()) i),
  '[[], [], false]', 'so do insights');
select is(pg_temp.walk('score', 2), array['vid6', 'vid4', 'vid3', 'vid2', 'vid1'], 'without scores to see a list by score has every video once');
select is((select count(score) from public.list_videos(null, null, null, 'score'))::integer, 0, 'and no score');
reset role;
insert into private.settings (key, value) values ('derived_metrics_accepted_at', '"2026-11-01"');

-- Reading ------------------------------------------------------------------------------------------------------------

select pg_temp.act_as(pg_temp.viewer());
select is((select count(*) from public.performance_scores)::integer, 3, 'a viewer sees the channel''s scores once it is');
select is(
  array(select youtube_video_id from public.scored_videos where published_at is not null order by score_key desc, id),
  array['vid1', 'vid2', 'vid3', 'vid4', 'vid5'], 'the view can be paged by score');
select is(
  pg_temp.walk('score', 2), array(select youtube_video_id from public.scored_videos where gone_at is null order by score_key desc, id desc),
  'a list by score, page by page, is the view in that order, those without a number last');
select is(
  pg_temp.walk('published', 2), array(select youtube_video_id from public.scored_videos where gone_at is null order by published_key desc, id desc),
  'and one by time likewise');
select is(
  pg_temp.walk('score', 1, 'outlier'),
  array(select youtube_video_id from public.scored_videos where gone_at is null and label = 'outlier' order by score_key desc, id desc),
  'and one of a label by score');
select is(
  pg_temp.walk('published', 1, 'outlier'),
  array(select youtube_video_id from public.scored_videos where gone_at is null and label = 'outlier' order by published_key desc, id desc),
  'and by time');
select is(
  (select jsonb_build_array(d #> '{video,title}', d #> '{baseline,0,title}', jsonb_array_length(d -> 'series'))
   from (select public.video_details('00000000-0000-4000-8000-000000000001')::jsonb) v (d)),
  '["Video 1", "Video 1", 2]', 'one video comes with its series and what it was compared with');
select is(
  (select jsonb_build_array(i #> '{outliers,0,title}', i #> '{flops,0,title}', i #> '{formats,0,videos}', i #> '{formats,0,withheld}', i -> 'time_zone')
   from public.channel_insights(pg_temp.channel()) i),
  '["Video 1", "Video 2", 4, 1, "Europe/Berlin"]', 'insights sum them up');
select is(public.channel_insights(pg_temp.others_channel()), null, 'insights of another channel are not there');
reset role;
select pg_temp.act_as(pg_temp.stranger());
select is((select count(*) from public.performance_scores)::integer, 0, 'a stranger sees no scores');
select is(array(select youtube_video_id from public.scored_videos), array['vid11'], 'only their own videos');
select is(public.channel_insights(pg_temp.channel()), null, 'and no insights');
select is(pg_temp.walk('score', 2) || pg_temp.walk('published', 2), array['vid11', 'vid11'], 'lists hold only their own videos too');
select is(
  array(select id from public.list_videos(pg_temp.channel())), '{}'::uuid[], 'also when another channel is asked for');
select is(public.video_details('00000000-0000-4000-8000-000000000001')::text, null, 'and another''s video has no details');
reset role;

-- Thinning -----------------------------------------------------------------------------------------------------------

-- Six-hourly counters of seven weeks of a video past the age that scoring reads, and of one that is younger.
insert into public.video_snapshots (video_id, channel_id, basis, observed_at, age_hours, views)
select ('00000000-0000-4000-8000-0000000000' || video)::uuid, pg_temp.channel(), 'engaged_views',
  date_trunc('week', private.now(), 'UTC') + make_interval(hours => hour), age, 2000 + hour
from unnest(array['03', '04'], array[4400, 400]) as v (video, age), generate_series(-6 * 168, 162, 6) as hour;
create function pg_temp.kept(p_video text, p_from integer, p_until integer) returns integer[] language sql as $$
  select array_agg((extract(epoch from observed_at - date_trunc('week', private.now(), 'UTC')) / 3600)::integer order by observed_at)
  from public.video_snapshots
  where video_id = ('00000000-0000-4000-8000-0000000000' || p_video)::uuid and basis = 'engaged_views'
    and observed_at >= date_trunc('week', private.now(), 'UTC') + make_interval(hours => p_from)
    and observed_at < date_trunc('week', private.now(), 'UTC') + make_interval(hours => p_until)
$$;
select is(private.thin_snapshots(), 3 * 27::bigint, 'three weeks of an old video lose all counters but one each');
select is(pg_temp.kept('03', -3 * 168, 0), array[-342, -174, -6], 'which is the last of its week');
select is(
  array[cardinality(pg_temp.kept('03', -6 * 168, -3 * 168)), cardinality(pg_temp.kept('03', 0, 168)), cardinality(pg_temp.kept('04', -6 * 168, 168))],
  array[84, 28, 196], 'earlier weeks, this one, and a video that is still scored by its age are left alone');

-- The end of a pass --------------------------------------------------------------------------------------------------

update public.videos set gone_at = now() where id = '00000000-0000-4000-8000-000000000002';
select lives_ok($$ select engine.finish_scores((select id from step), 7, '{"videos": 4}') $$, 'a pass ends');
select is(
  array(select video_id::text from public.performance_scores where channel_id = pg_temp.channel() order by 1),
  array['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000004'], 'and drops the scores of what is gone');

-- Another version of the model ---------------------------------------------------------------------------------------

update private.steps set state = 'done' where id = (select id from step);
select is(private.reconcile_scores(), 0, 'scores of the version in force are left alone');
update public.performance_scores set model_version = 'cce-score/1' where channel_id = pg_temp.channel() and label = 'outlier';
select pg_temp.act_as(pg_temp.owner());
select is(
  array(select model_version from public.scored_videos where model_version is not null), array['cce-score/2'],
  'scores of another version are not shown');
select is((public.channel_insights(pg_temp.channel()) -> 'outliers')::text, '[]', 'nor counted');
reset role;
update public.performance_scores set model_version = 'cce-score/1' where channel_id = pg_temp.channel();
select is(private.reconcile_scores(), 0, 'a pass that has just ended is not repeated at once');
alter table private.steps disable trigger user;
update private.steps set updated_at = clock_timestamp() - interval '2 hours' where id = (select id from step);
alter table private.steps enable trigger user;
select is(private.reconcile_scores(), 1, 'a channel of another version is scored anew');
select is((select state from private.steps where id = (select id from step)), 'waiting', 'by its step');
select is(private.reconcile_scores(), 0, 'once');
delete from public.channels where id = pg_temp.channel();
select is(
  (select count(*) from public.performance_scores where channel_id = pg_temp.channel())::integer, 0, 'scores go with their channel');

select * from finish();
rollback;
