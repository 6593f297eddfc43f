-- Runs once on a fresh local database, after the migrations. The product needs no rows to begin with: users sign up and
-- connect their channels. The derived-metrics amendment counts as accepted here, so that scores are shown.
insert into private.settings (key, value)
values ('derived_metrics_accepted_at', to_jsonb(current_date::text))
on conflict on constraint settings_pkey do nothing;
