-- Addresses under which a calendar reads a user's schedule.

create table private.calendar_feeds (
  user_id uuid not null,
  secret_hash text not null,
  last_read_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  constraint calendar_feeds_pkey primary key (user_id),
  constraint calendar_feeds_secret_hash_key unique (secret_hash),
  constraint calendar_feeds_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade
);
comment on table private.calendar_feeds is
  'The secret of a user''s calendar address, as its SHA-256: calendar programs send no headers, so the address '
  'itself is the key. A new secret ends the old one.';
alter table private.calendar_feeds enable row level security;

create function engine.set_calendar_feed(p_user uuid, p_idempotency jsonb, p_secret_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_answer jsonb;
begin
  v_answer := private.begin_request(p_user, 'createCalendar', p_idempotency);
  if v_answer is not null then
    return v_answer;
  end if;
  insert into private.calendar_feeds (user_id, secret_hash) values (p_user, p_secret_hash)
  on conflict on constraint calendar_feeds_pkey do update
    set secret_hash = excluded.secret_hash, created_at = clock_timestamp(), last_read_at = null;
  return private.end_request(p_user, 'createCalendar', p_idempotency, to_jsonb(p_secret_hash));
end
$$;
comment on function engine.set_calendar_feed(uuid, jsonb, text) is
  'Makes a user''s calendar address, or replaces it. Gives the hash that is kept: that of an earlier call for a '
  'request that is repeated.';

create function engine.revoke_calendar_feed(p_user uuid) returns void
language sql security definer set search_path = '' as $$
  delete from private.calendar_feeds where user_id = p_user
$$;
comment on function engine.revoke_calendar_feed(uuid) is 'Ends a user''s calendar address. There may be none.';

create function engine.read_calendar_feed(p_secret_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_user uuid;
begin
  update private.calendar_feeds set last_read_at = private.now() where secret_hash = p_secret_hash returning user_id
  into v_user;
  if v_user is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  return (
    select coalesce(jsonb_agg(to_jsonb(u) || jsonb_build_object('channel_title', c.title) order by u.publish_at), '[]')
    from public.channel_members m
    join public.channels c on c.id = m.channel_id
    join public.scheduled_uploads u on u.channel_id = c.id
    where m.user_id = v_user
      and u.publish_at between private.now() - interval '90 days' and private.now() + interval '400 days');
end
$$;
comment on function engine.read_calendar_feed(text) is 'The uploads on the calendar that this secret opens.';
