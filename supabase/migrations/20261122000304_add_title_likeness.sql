-- Titles that are close to others of the channel.

create function private.title_words(p_title text) returns text[]
language sql immutable set search_path = '' as $$
  select array(select distinct word from regexp_split_to_table(lower(p_title), '[\s[:punct:]]+') as word
  where word <> '')
$$;

create function private.similar_titles(p_channel uuid, p_titles text[], p_root uuid) returns jsonb
language sql stable set search_path = '' as $$
  with candidate as materialized (
    select c.item - 1 as item, c.title, private.title_words(c.title) as words
    from unnest(p_titles) with ordinality as c (title, item)
  ),
  draft as materialized (
    select g.id, g.output from public.generated_content g
    where g.channel_id = p_channel and g.root_id <> p_root and g.state in ('draft', 'approved')
    order by g.created_at desc limit 30
  ),
  known as materialized (
    select 'video' as source, v.id, v.title, private.title_words(v.title) as words
    from public.videos v where v.channel_id = p_channel and v.gone_at is null
    union all
    select 'draft', d.id, t.title, private.title_words(t.title)
    from draft d, lateral (
      select d.output ->> 'title' as title
      union all select e ->> 'title' from jsonb_array_elements(coalesce(d.output -> 'titles', '[]')) as e
      union all select e ->> 'title' from jsonb_array_elements(coalesce(d.output -> 'ideas', '[]')) as e
    ) as t
    where t.title is not null
  ),
  likeness as (
    select c.item, k.source, k.id, k.title,
      count(*)::double precision / (cardinality(c.words) + cardinality(k.words) - count(*)) as likeness
    from candidate c
    cross join unnest(c.words) as w (word)
    join (select source, id, title, words, word from known, unnest(words) as word) as k on k.word = w.word
    group by c.item, c.words, k.source, k.id, k.title, k.words
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'code', 'similar_title',
    'item', s.item,
    'message', format('Item %s is close to the %s "%s".', s.item + 1, s.source, left(s.title, 120)),
    'source', s.source, 'id', s.id, 'title', s.title, 'likeness', round(s.likeness::numeric, 2)) order by s.item), '[]')
  from (select distinct on (item) * from likeness where likeness >= 0.6 order by item, likeness desc, id) as s
$$;
comment on function private.similar_titles(uuid, text[], uuid) is
  'For each title the closest one among the channel''s videos and its last drafts, when they share most of their '
  'words. A channel that repeats itself looks mass-produced.';
