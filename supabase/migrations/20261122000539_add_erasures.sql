-- Who and what was erased, as hashes: a backup that is older than an erasure must not undo it.
--
-- `catalyst backup erasures` puts new lines beside the backups, where they outlive this database, and a restore carries
-- them out again. A hash says nothing to whoever does not hold the id already.

create table private.erasures (
  subject_hash text not null,
  erased_at timestamptz not null default private.now(),
  stored_at timestamptz,
  constraint erasures_pkey primary key (subject_hash),
  constraint erasures_subject_hash_check check (subject_hash ~ '^[0-9a-f]{64}$')
);
comment on table private.erasures is
  'Users and channels that were erased, or whose erasure was asked for, as SHA-256 of kind and id.';
comment on column private.erasures.stored_at is 'When it was put beside the backups; null until then.';
-- No backup that `catalyst backup prune` keeps month by month is older.
select cron.schedule('prune-erasures', '44 3 * * *',
  $$delete from private.erasures where erased_at < private.now() - interval '400 days'$$);
create index erasures_stored_at_idx on private.erasures (erased_at) where stored_at is null;
alter table private.erasures enable row level security;

create function private.erasure_hash(p_kind text, p_id uuid) returns text
language sql immutable set search_path = '' as $$
  select encode(sha256(convert_to(p_kind || ' ' || p_id::text, 'UTF8')), 'hex')
$$;

-- On the request already, not only at its end: nobody who was told of an erasure comes back with a backup.
create function private.note_erasure() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.erasures (subject_hash) values (private.erasure_hash(tg_argv[0], old.id)) on conflict do nothing;
  return null;
end
$$;
create trigger channels_erasing after update of state on public.channels
  for each row when (new.state = 'erasing') execute function private.note_erasure('channel');
create trigger channels_erased after delete on public.channels
  for each row execute function private.note_erasure('channel');
create trigger users_erasing after update of erasing_at on public.users
  for each row when (new.erasing_at is not null) execute function private.note_erasure('user');
create trigger users_erased after delete on public.users
  for each row execute function private.note_erasure('user');

create function private.erase_again(p_hashes text[]) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_channel uuid;
  v_step record;
  v_channels integer := 0;
  v_users integer;
begin
  for v_channel in
    select id from public.channels where private.erasure_hash('channel', id) = any (p_hashes) order by id
  loop
    for v_step in select kind, subject_id from private.steps where channel_id = v_channel order by id loop
      perform private.cancel_step(v_step.kind, v_step.subject_id);
    end loop;
    perform private.forget_channel(v_channel);
    delete from public.channels where id = v_channel;
    delete from private.steps where channel_id = v_channel;
    v_channels := v_channels + 1;
  end loop;
  delete from auth.users u where private.erasure_hash('user', u.id) = any (p_hashes);
  get diagnostics v_users = row_count;
  -- They stay known for the next restore, and lie beside the backups already.
  insert into private.erasures (subject_hash, stored_at)
  select distinct h, private.now() from unnest(p_hashes) h on conflict do nothing;
  return jsonb_build_object('channels', v_channels, 'users', v_users);
end
$$;
comment on function private.erase_again(text[]) is
  'Run in the transaction that restores a backup, with triggers on: erases whoever and whatever was erased after it. '
  'Their grants at Google were ended then.';
