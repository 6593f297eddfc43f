-- What people do with generated content: edit, rate, approve, reject, archive.

create function private.lock_content(p_user uuid, p_content uuid, p_version bigint) returns public.generated_content
language plpgsql set search_path = '' as $$
declare
  v_row public.generated_content;
begin
  select * into v_row from public.generated_content where id = p_content for no key update;
  perform private.require_found(v_row.id);
  perform private.require_role(p_user, v_row.channel_id, array['owner', 'editor']);
  perform private.require_version(p_version, v_row.version,
    'The content has changed since you read it. Read it again, then decide.');
  return v_row;
end
$$;

create function private.lock_finished_content(p_user uuid, p_content uuid, p_version bigint)
returns public.generated_content
language plpgsql set search_path = '' as $$
declare
  v_row public.generated_content := private.lock_content(p_user, p_content, p_version);
begin
  if v_row.state in ('generating', 'archived') or v_row.output is null then
    perform private.refuse(409, 'invalid_state',
      format('This content is %s; there is nothing to change.', v_row.state));
  end if;
  return v_row;
end
$$;

create function engine.edit_content(
  p_user uuid, p_content uuid, p_version bigint, p_output jsonb, p_titles text[], p_warnings jsonb
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_old public.generated_content := private.lock_finished_content(p_user, p_content, p_version);
  v_new public.generated_content;
  v_hash text := private.content_hash(p_output);
begin
  if v_hash = v_old.content_hash then
    perform private.refuse(422, 'invalid_body', 'The text is the same as before.', '/output');
  end if;
  perform pg_advisory_xact_lock(hashtextextended('generate:' || v_old.channel_id, 0));
  if v_old.state = 'approved' then
    -- The approval was given for other words.
    update public.generated_content set state = 'superseded', version = version + 1 where id = v_old.id;
  end if;
  insert into public.generated_content (
    channel_id, created_by, kind, id, root_id, parent_id, revision, origin, state, source_id, source_item, brief,
    output, content_hash, warnings, inspired_by, voice_version, prompt_version, seed, model_asked, model_answered,
    price_version, finished_at)
  select
    v_old.channel_id, p_user, v_old.kind, gen_random_uuid(), v_old.root_id, v_old.id, max(revision) + 1, 'edited',
      'draft',
    v_old.source_id, v_old.source_item, v_old.brief, p_output, v_hash,
    coalesce(p_warnings, '[]') || private.similar_titles(v_old.channel_id, coalesce(p_titles, '{}'), v_old.root_id),
    v_old.inspired_by, v_old.voice_version, v_old.prompt_version, v_old.seed, v_old.model_asked, v_old.model_answered,
    v_old.price_version, private.now()
  from public.generated_content where root_id = v_old.root_id
  returning * into v_new;
  return to_jsonb(v_new);
end
$$;
comment on function engine.edit_content(uuid, uuid, bigint, jsonb, text[], jsonb) is
  'A person''s edit: a new revision. An approval of the edited one ends, because it was given for other words.';

create function engine.rate_content(p_user uuid, p_content uuid, p_version bigint, p_rating integer, p_reason text)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_row public.generated_content := private.lock_finished_content(p_user, p_content, p_version);
begin
  update public.generated_content
  set rating = p_rating, rating_reason = p_reason, version = version + 1,
      rated_by = case when p_rating is null then null else p_user end,
      rated_at = case when p_rating is null then null else private.now() end
  where id = v_row.id
  returning * into v_row;
  return to_jsonb(v_row);
end
$$;
comment on function engine.rate_content(uuid, uuid, bigint, integer, text) is
  'Rates a revision from 1 to 5 with a reason; null takes the rating back.';

create function engine.approve_content(p_user uuid, p_content uuid, p_version bigint, p_hash text, p_item integer)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_row public.generated_content := private.lock_finished_content(p_user, p_content, p_version);
  v_items integer := jsonb_array_length(coalesce(v_row.output -> 'titles', v_row.output -> 'ideas', '[]'));
begin
  if p_hash is not null and p_hash <> v_row.content_hash then
    perform private.refuse(409, 'invalid_state', 'This is not the text that you read. Read it again, then approve it.',
      '/content_hash');
  end if;
  if v_row.state = 'superseded' then
    perform private.refuse(409, 'invalid_state',
      'A newer revision has taken its place. Approve that one, or edit this one anew.');
  end if;
  if p_item is not null and p_item not between 0 and v_items - 1 then
    perform private.refuse(422, 'invalid_body', format('Name one of the %s items, counted from 0.', v_items), '/item');
  end if;
  update public.generated_content set state = 'superseded', version = version + 1
  where root_id = v_row.root_id and state = 'approved' and id <> v_row.id;
  update public.generated_content
  set state = 'approved', approved_hash = content_hash, selected = p_item, decided_by = p_user,
      decided_at = private.now(), decision_reason = null, version = version + 1
  where id = v_row.id
  returning * into v_row;
  return to_jsonb(v_row);
end
$$;
comment on function engine.approve_content(uuid, uuid, bigint, text, integer) is
  'Approves exactly these words. One revision of a piece is approved at a time; the one before is superseded.';

create function engine.reject_content(p_user uuid, p_content uuid, p_version bigint, p_reason text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_row public.generated_content := private.lock_finished_content(p_user, p_content, p_version);
begin
  if v_row.state = 'superseded' then
    perform private.refuse(409, 'invalid_state', 'A newer revision has taken its place.');
  end if;
  update public.generated_content
  set state = 'rejected', approved_hash = null, decided_by = p_user, decided_at = private.now(),
      decision_reason = p_reason, version = version + 1
  where id = v_row.id
  returning * into v_row;
  return to_jsonb(v_row);
end
$$;
comment on function engine.reject_content(uuid, uuid, bigint, text) is
  'Rejects a revision with a reason; an approval ends.';

create function engine.archive_content(p_user uuid, p_content uuid, p_version bigint) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_row public.generated_content := private.lock_content(p_user, p_content, p_version);
begin
  if v_row.state = 'generating' then
    perform private.refuse(409, 'invalid_state', 'This content is still being generated.');
  end if;
  update public.generated_content set state = 'archived', version = version + 1
  where id = v_row.id and state <> 'archived';
end
$$;
comment on function engine.archive_content(uuid, uuid, bigint) is
  'Takes a revision out of the lists. What it cost and what it inspired stay known.';

create function private.approved_script(p_channel uuid, p_content uuid) returns public.generated_content
language plpgsql stable set search_path = '' as $$
declare
  v_row public.generated_content;
begin
  select * into v_row from public.generated_content where id = p_content and channel_id = p_channel;
  perform private.require_found(v_row.id);
  if v_row.kind <> 'script' then
    perform private.refuse(422, 'invalid_body',
      format('This content is of the kind %s; a script is needed.', v_row.kind), '/content_id');
  end if;
  if v_row.state <> 'approved' or v_row.approved_hash is distinct from private.content_hash(v_row.output) then
    perform private.refuse(409, 'approval_required', 'Approve this script first. An edit ends an approval.',
      '/content_id');
  end if;
  return v_row;
end
$$;
comment on function private.approved_script(uuid, uuid) is
  'The script to render, for engine functions that have checked the caller''s role on the channel. Refuses anything '
  'but the approved words.';
