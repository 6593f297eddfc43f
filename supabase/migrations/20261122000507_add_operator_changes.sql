-- What an operator changes at a prompt, and the history of it.

create table private.operator_changes (
  id bigint generated always as identity,
  kind text not null,
  name text not null,
  user_id uuid,
  channel_id uuid,
  old_value jsonb,
  new_value jsonb,
  made_by text not null,
  made_at timestamptz not null default clock_timestamp(),
  constraint operator_changes_pkey primary key (id),
  constraint operator_changes_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade,
  constraint operator_changes_channel_id_fkey foreign key (channel_id) references public.channels (id)
    on delete cascade,
  constraint operator_changes_kind_check check (kind in ('setting', 'secret', 'plan', 'release')),
  constraint operator_changes_made_by_check check (char_length(made_by) between 1 and 200)
);
comment on table private.operator_changes is
  'Who changed which setting, secret of Vault or plan, or released which video, when, and from what to what. Triggers '
  'write it, but for secrets, so SQL by hand is in it too. Nothing of it changes; what concerns a user or a channel '
  'goes with them.';
comment on column private.operator_changes.name is
  'A setting, with a point before the field that changed; a secret; a limit of a plan; or a video on YouTube.';
comment on column private.operator_changes.old_value is
  'Null: nothing. Of a secret only whether there was one.';
comment on column private.operator_changes.made_by is
  'What `catalyst` was told or found out, or the role that ran the SQL.';
create index operator_changes_kind_name_idx on private.operator_changes (kind, name, id);
create index operator_changes_user_id_idx on private.operator_changes (user_id);
create index operator_changes_channel_id_idx on private.operator_changes (channel_id);
alter table private.operator_changes enable row level security;

create function private.keep_operator_changes() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'DELETE' and (
    (old.user_id is not null and not exists (select from public.users where id = old.user_id))
    or (old.channel_id is not null and not exists (select from public.channels where id = old.channel_id))) then
    return old;
  end if;
  raise exception 'private.operator_changes is only added to' using errcode = '42501';
end
$$;
create trigger operator_changes_keep before update or delete on private.operator_changes
  for each row execute function private.keep_operator_changes();

create function private.operator() returns text
language sql stable set search_path = '' as $$
  select coalesce(nullif(current_setting('catalyst.operator', true), ''), session_user)
$$;
comment on function private.operator() is 'Who makes the changes of this transaction.';

create function private.changed_fields(p_name text, p_old jsonb, p_new jsonb)
returns table (name text, old_value jsonb, new_value jsonb)
language sql immutable set search_path = '' as $$
  select case when p_name = '' then key else p_name || '.' || key end, o.value, n.value
  from jsonb_each(case jsonb_typeof(p_old) when 'object' then p_old end) o
  full join jsonb_each(case jsonb_typeof(p_new) when 'object' then p_new end) n using (key)
  where 'object' in (jsonb_typeof(p_old), jsonb_typeof(p_new)) and o.value is distinct from n.value
  union all
  select p_name, p_old, p_new
  where 'object' not in (coalesce(jsonb_typeof(p_old), ''), coalesce(jsonb_typeof(p_new), ''))
    and p_old is distinct from p_new
$$;
comment on function private.changed_fields(text, jsonb, jsonb) is
  'What differs: each field of an object by itself, anything else as a whole.';

create function private.note_setting() returns trigger
language plpgsql set search_path = '' as $$
declare
  v_key text := case when tg_op = 'DELETE' then old.key else new.key end;
  v_default jsonb := private.default_setting(v_key);
  v_old jsonb := case when tg_op <> 'INSERT' then old.value end;
  v_new jsonb := case when tg_op <> 'DELETE' then new.value end;
begin
  if jsonb_typeof(v_default) = 'object' then
    v_old := v_default || coalesce(v_old, '{}');
    v_new := v_default || coalesce(v_new, '{}');
  else
    v_old := coalesce(v_old, v_default);
    v_new := coalesce(v_new, v_default);
  end if;
  -- What hashes people's addresses is nobody's to read, and no setting.
  if v_key <> 'subject_salt' then
    insert into private.operator_changes (kind, name, old_value, new_value, made_by)
    select 'setting', f.name, f.old_value, f.new_value, private.operator()
    from private.changed_fields(v_key, v_old, v_new) f order by f.name;
  end if;
  return null;
end
$$;
create trigger settings_note after insert or update or delete on private.settings
  for each row execute function private.note_setting();

create function private.note_plan() returns trigger
language plpgsql set search_path = '' as $$
begin
  insert into private.operator_changes (kind, name, user_id, old_value, new_value, made_by)
  select 'plan', f.name, new.id, f.old_value, f.new_value, private.operator()
  from private.changed_fields('', old.plan, new.plan) f order by f.name;
  return null;
end
$$;
create trigger users_note_plan after update of plan on public.users
  for each row when (old.plan is distinct from new.plan) execute function private.note_plan();

create function private.note_release() returns trigger
language plpgsql set search_path = '' as $$
begin
  insert into private.operator_changes (kind, name, channel_id, old_value, new_value, made_by)
  values ('release', new.youtube_video_id, new.channel_id, to_jsonb(old.released_at), to_jsonb(new.released_at),
    private.operator());
  return null;
end
$$;
create trigger unclaimed_videos_note_release after update of released_at on private.unclaimed_videos
  for each row when (old.released_at is distinct from new.released_at) execute function private.note_release();

create function private.change_setting(p_key text, p_field text, p_value jsonb, p_by text) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_old jsonb;
  v_set jsonb;
  v_new jsonb;
begin
  perform set_config('catalyst.operator', p_by, true);
  perform pg_advisory_xact_lock(hashtext('private.settings'));
  v_old := private.setting(p_key);
  v_set := (select value from private.settings where key = p_key);
  if p_field is not null then
    v_set := coalesce(v_set, '{}') - p_field
      || case when p_value is null then '{}' else jsonb_build_object(p_field, p_value) end;
    v_set := nullif(v_set, '{}');
  else
    v_set := p_value;
  end if;
  if v_set is null then
    delete from private.settings where key = p_key;
  else
    insert into private.settings (key, value) values (p_key, v_set)
    on conflict on constraint settings_pkey do update set value = excluded.value, updated_at = clock_timestamp();
  end if;
  v_new := private.setting(p_key);
  return jsonb_build_object(
    'old', case when p_field is null then v_old else v_old -> p_field end,
    'new', case when p_field is null then v_new else v_new -> p_field end);
end
$$;
comment on function private.change_setting(text, text, jsonb, text) is
  'Sets a setting, or one field of it, or with null goes back to the default. Answers what held before and holds now.';

create function private.change_secret(p_name text, p_value text, p_by text) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_id uuid := (select id from vault.secrets where name = p_name);
  v_held text := (select decrypted_secret from vault.decrypted_secrets where name = p_name);
begin
  if v_held is distinct from p_value then
    if v_id is null then
      perform vault.create_secret(p_value, p_name);
    else
      perform vault.update_secret(v_id, p_value);
    end if;
    insert into private.operator_changes (kind, name, old_value, new_value, made_by)
    values ('secret', p_name, to_jsonb(v_held is not null), to_jsonb(true), p_by);
  end if;
  return jsonb_build_object('old', v_held is not null, 'new', true);
end
$$;
comment on function private.change_secret(text, text, text) is
  'Keeps a secret in Vault, in place of the one that was there. Answers whether there was one.';

create function private.change_plan(p_user uuid, p_limit text, p_value jsonb, p_by text) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_old jsonb;
begin
  perform set_config('catalyst.operator', p_by, true);
  -- A plan may be agreed before its user first comes.
  insert into public.users (id) select id from auth.users where id = p_user on conflict do nothing;
  select plan into v_old from public.users where id = p_user for no key update;
  if v_old is null then
    return null;
  end if;
  update public.users
  set plan = plan - p_limit || case when p_value is null then '{}' else jsonb_build_object(p_limit, p_value) end
  where id = p_user;
  return jsonb_build_object('old', v_old -> p_limit, 'new', p_value);
end
$$;
comment on function private.change_plan(uuid, text, jsonb, text) is
  'Gives a user a limit of their own, or with null the deployment''s again. Null when there is no such account.';

create function private.release_video(p_video text, p_by text) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_row private.unclaimed_videos;
begin
  perform set_config('catalyst.operator', p_by, true);
  update private.unclaimed_videos set released_at = coalesce(released_at, private.now())
  where youtube_video_id = p_video returning * into v_row;
  return case when v_row.youtube_video_id is not null then to_jsonb(v_row) end;
end
$$;
comment on function private.release_video(text, text) is
  'Lets a video whose schedule was lost be uploaded again. Null when there is none of this id.';
