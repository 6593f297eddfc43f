//! `docs/settings.md`: what an operator changes by command.

use std::fmt::Write as _;

use catalyst_cli::{settings::SETTINGS, settings::Setting, users::LIMITS};

const HEAD: &str = "# Settings

What an operator decides without deploying. Each command takes `--database-url` (or `DATABASE_URL`; without either it means the local stack)
and `--json`, says with `--by` or `CATALYST_OPERATOR` who makes a change (otherwise the name of whoever is logged in), and ends with 0, or with 1 when it was refused.
What is changed counts for the next request or step.

```console
$ catalyst settings list
$ catalyst settings get quota_capacity.uploads
$ catalyst settings set derived_metrics_accepted_at 2026-11-30
$ catalyst settings set generation_limits.user_month_micros '$8.50'
$ catalyst settings set alerts.work_late_seconds default
$ catalyst settings set slack_webhook_url - < webhook.txt
$ catalyst settings history alerts
$ catalyst users list --email example.com
$ catalyst users get ada@example.com
$ catalyst users set ada@example.com requests_per_minute 300
$ catalyst users history ada@example.com
$ catalyst unclaimed list
$ catalyst unclaimed release dQw4w9WgXcQ
```

`default` goes back to the default, `-` reads the value from standard input, where no list of processes shows it. A secret goes into Vault and is never shown. A name or a
value that cannot be is refused before the database is asked, with the nearest name or the range.

Every change is a line of `private.operator_changes`: who, when, from what to what; of a secret only that it was changed. Triggers write the lines, so SQL by hand
has its line as well, under the role that ran it; a secret has one when `catalyst settings` set it. None is altered or taken out, but that those of a user and of a channel go with them.

| promise | test |
| --- | --- |
| A change has its line in the history, whoever makes it and however; no line is altered | `flows::a_setting_is_set_read_and_given_back_and_each_change_is_in_the_history`, `supabase/tests/85_settings_test.sql` |
| A name or a value that cannot be is refused with what was meant | `flows::a_name_or_a_value_that_cannot_be_is_refused_with_what_was_meant`, `catalyst_cli::what_is_out_of_range_is_refused_with_what_would_be_right` |
| No secret is shown, and the history holds none | `flows::a_secret_of_vault_is_set_from_standard_input_and_never_shown`, `supabase/tests/85_settings_test.sql` |
| A user's plan is what the limiter, generation and rendering heed | `flows::a_user_s_own_number_of_requests_is_what_the_limiter_lets_through`, `flows::a_user_s_own_budgets_are_those_of_generation_and_rendering` |
| A limit that is set counts more than the deployment's variable | `flows::what_a_setting_allows_for_renders_counts_more_than_the_variables` |
";

const LIMITS_HEAD: &str = "
## Limits of one user

`catalyst users set USER LIMIT VALUE`; what a user has no limit of their own for is the deployment's.
";

/// The document.
pub(super) fn markdown() -> String {
    let mut text = format!("{HEAD}\n## Settings of a deployment\n");
    table(&mut text, SETTINGS);
    text.push_str(LIMITS_HEAD);
    table(&mut text, LIMITS);
    text
}

fn table(text: &mut String, settings: &[Setting]) {
    text.push_str("\n| name | value | meaning |\n| --- | --- | --- |\n");
    for Setting {
        name,
        range,
        meaning,
    } in settings
    {
        let _ = writeln!(text, "| `{name}` | {range} | {meaning} |");
    }
}
