-- The product's time, which the tests of a local stack can move.

create table private.clock (
  singleton boolean not null default true,
  advance interval not null default interval '0',
  constraint clock_pkey primary key (singleton),
  constraint clock_singleton_check check (singleton)
);
comment on table private.clock is
  'How far the product''s clock stands before the real one. Zero everywhere but on a local stack whose tests move '
  'time; no function writes it.';
insert into private.clock (singleton) values (true);

create function private.now() returns timestamptz
language plpgsql stable security definer set search_path = '' as $$
begin
  return clock_timestamp() + (select advance from private.clock);
end
$$;
comment on function private.now() is 'The product''s time: the real clock plus the local stack''s offset.';
grant execute on function private.now() to authenticated;

create function private.touch_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end
$$;
