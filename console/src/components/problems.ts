// Every code of a problem: what has happened in a few words of the reader's language, and what helps. The API's own sentence
// stands below them.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { ProblemCode } from 'content-catalyst-sdk';

export interface Cure {
  words: MessageDescriptor;
  /** Where it is done. */
  to?: '/channels' | '/account' | '/calendar' | '/content' | '/developer';
}

const later: Cure = { words: msg`Try again in a moment.` };
const reload: Cure = { words: msg`Load the page again; if it stays, tell whoever runs this service the number below.` };
const budget: Cure = { words: msg`Usage and limits`, to: '/account' };

export const TITLES: Record<ProblemCode, MessageDescriptor> = {
  admin_only: msg`Only operators may do this.`,
  agent_not_allowed: msg`This program may not do that.`,
  agent_refused: msg`Programs may not do that.`,
  answers_missing: msg`Two answers are missing.`,
  approval_required: msg`It has to be approved first.`,
  banned_topic: msg`This touches a topic that the channel avoids.`,
  body_too_large: msg`This is too long.`,
  budget_exhausted: msg`The budget is used up.`,
  channel_disconnected: msg`The channel is not connected any more.`,
  channel_mismatch: msg`That was another channel.`,
  channel_taken: msg`Somebody else has connected this channel.`,
  confirmation_invalid: msg`The confirmation does not hold any more.`,
  consent_failed: msg`Google did not finish the consent.`,
  consent_refused: msg`Google's consent was refused.`,
  daily_cap_reached: msg`The cap of this day is reached.`,
  database_unavailable: msg`The database does not answer.`,
  deadline_exceeded: msg`It took too long.`,
  duplicate_title: msg`Another video has this title.`,
  duplicate_upload: msg`This film is scheduled already.`,
  feature_unavailable: msg`This is not available here.`,
  generation_blocked: msg`The model refused to write this.`,
  generation_failed: msg`Nothing usable was written.`,
  generation_limit_reached: msg`The number of generations is used up.`,
  idempotency_key_reused: msg`This was sent before with other words.`,
  internal: msg`Something went wrong on our side.`,
  invalid_body: msg`Some of this is not acceptable.`,
  invalid_header: msg`The request was not acceptable.`,
  invalid_id: msg`This address leads nowhere.`,
  invalid_json: msg`The request was not acceptable.`,
  invalid_query: msg`These filters are not acceptable.`,
  invalid_state: msg`This is not possible in its present state.`,
  limit_reached: msg`There are as many as there may be.`,
  method_not_allowed: msg`The request was not acceptable.`,
  no_channel: msg`This Google account has no YouTube channel.`,
  not_configured: msg`This service is not set up for it.`,
  not_found: msg`It is not there, or not yours to see.`,
  publish_time_past: msg`That time is over.`,
  quota_exhausted: msg`YouTube's quota for today is used up.`,
  rate_limited: msg`Too many requests.`,
  render_in_progress: msg`A render of this script is under way.`,
  render_too_costly: msg`This render costs more than one may.`,
  request_in_progress: msg`This is being done already.`,
  role_too_low: msg`Your role on this channel does not allow it.`,
  slot_taken: msg`Another video goes out at that time.`,
  stale_fence: msg`Somebody else has taken over.`,
  state_expired: msg`The consent took too long.`,
  token_expired: msg`Your session has ended.`,
  token_invalid: msg`Your session does not hold any more.`,
  token_missing: msg`Nobody is signed in.`,
  unsupported_media_type: msg`The request was not acceptable.`,
  upload_day_full: msg`That day has no upload left.`,
  upstream_failed: msg`A service that we need has failed.`,
  upstream_unavailable: msg`A service that we need does not answer.`,
  version_mismatch: msg`It was changed meanwhile.`,
  unknown: msg`The service gave no proper answer.`,
};

export const CURES: Partial<Record<ProblemCode, Cure>> = {
  answers_missing: { words: msg`Say whether it is made for kids, and whether it shows altered content.` },
  approval_required: { words: msg`Read and approve it`, to: '/content' },
  banned_topic: { words: msg`The channel's topics`, to: '/channels' },
  body_too_large: { words: msg`Shorten it and send it again.` },
  budget_exhausted: budget,
  channel_disconnected: { words: msg`Connect it again`, to: '/channels' },
  channel_mismatch: { words: msg`Choose the same channel at Google.` },
  channel_taken: { words: msg`Ask its owner to invite you.` },
  consent_failed: { words: msg`Connect it once more`, to: '/channels' },
  consent_refused: { words: msg`Connect it once more`, to: '/channels' },
  daily_cap_reached: budget,
  database_unavailable: later,
  deadline_exceeded: later,
  duplicate_title: { words: msg`Change the title.` },
  duplicate_upload: { words: msg`See it in the calendar`, to: '/calendar' },
  generation_blocked: { words: msg`Say it in other words, and try again.` },
  generation_failed: later,
  generation_limit_reached: budget,
  internal: reload,
  no_channel: { words: msg`Create a channel at YouTube first, or choose another account.` },
  publish_time_past: { words: msg`Choose a later time.` },
  quota_exhausted: { words: msg`Choose another day`, to: '/calendar' },
  rate_limited: later,
  render_too_costly: { words: msg`Choose a simpler picture or a shorter script.` },
  role_too_low: { words: msg`Ask the channel's owner.` },
  slot_taken: { words: msg`Choose another time.` },
  state_expired: { words: msg`Connect it once more`, to: '/channels' },
  upload_day_full: { words: msg`Choose another day.` },
  upstream_failed: later,
  upstream_unavailable: later,
  version_mismatch: { words: msg`Look at both versions, and decide.` },
  unknown: later,
};
