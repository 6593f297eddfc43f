// What each alert means and what to do. `docs/monitoring.md` has the same with the statements to run.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';

export interface Runbook {
  title: MessageDescriptor;
  todo: MessageDescriptor;
}

export const RUNBOOKS: Record<string, Runbook> = {
  error_rate: {
    title: msg`Many requests fail`,
    todo: msg`More than 5 % of at least 20 requests in five minutes were answered with 500 or more. Take the number of a failed request below and find its line in the log. If it began with a deployment, roll back.`,
  },
  work_late: {
    title: msg`Work is late`,
    todo: msg`A step that is due waits for more than ten minutes. If nothing was dispatched lately, look at cron.job_run_details and at the Vault secrets app_url and cron_secret. If it was, look at the queues and at the dispatcher's time limit.`,
  },
  backup_late: {
    title: msg`No verified backup`,
    todo: msg`No backup was verified in the last 26 hours. Run the nightly backup by hand and read what it says.`,
  },
  quota_low: {
    title: msg`YouTube's quota runs low`,
    todo: msg`Nine tenths of a bucket are used. Work that needs it waits for midnight in Los Angeles and uses no attempt. Ask Google for more, or synchronise less often.`,
  },
  provider_down: {
    title: msg`An outside service fails`,
    todo: msg`It failed three times in a row. Its own status page tells more; “refused” means that the deployment's key is not accepted. Work waits and is tried again; what was given up stands among the failed steps.`,
  },
  formats_unknown: {
    title: msg`Formats are not told`,
    todo: msg`YouTube Analytics did not tell what many videos of a channel are, so they have no score. private.channel_syncs has the reason. Every channel is asked again once a day.`,
  },
  model_retired: {
    title: msg`The model is gone`,
    todo: msg`Gemini does not know the model. Set GEMINI_MODEL to one that “catalyst doctor” lists. It is over when something was written again.`,
  },
  dead_letter: {
    title: msg`Steps have failed for good`,
    todo: msg`Settle them below: each says its cause and what to do. It is over when none of the kind is left.`,
  },
  api_down: {
    title: msg`The API did not answer`,
    todo: msg`Health was not answered with 200 for three minutes in a row. Look at the platform's status and at the last deployment. The database is up: it noticed.`,
  },
};
