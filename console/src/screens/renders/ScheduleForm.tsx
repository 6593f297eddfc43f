import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Problem, type Render, type ScheduleBody } from 'content-catalyst-sdk';
import { type FormEvent, useRef, useState } from 'react';
import { cache } from '../../api/cache.ts';
import type { SeenChannel } from '../../api/channels.ts';
import { api } from '../../api/client.ts';
import { Button } from '../../components/Button.tsx';
import { Check, Choice, TextArea, TextField } from '../../components/Field.tsx';
import { fieldError, ProblemNote } from '../../components/ProblemNote.tsx';
import { toast } from '../../components/toast.ts';
import { tagsOf } from '../../forms/tags.ts';
import { useDraft } from '../../forms/useDraft.ts';
import { Category } from '../../uploads/Category.tsx';
import { When } from './When.tsx';

type Answer = 'yes' | 'no' | '';

interface ScheduleFormProps {
  render: Render;
  channel: SeenChannel;
  words: { title: string; description: string; tags: string[] };
}

const BESIDE = ['/title', '/description', '/tags', '/category_id', '/publish_at', '/local_time', '/time_zone', '/made_for_kids', '/altered_content'];

export function ScheduleForm({ render, channel, words }: ScheduleFormProps) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [draft, setDraft, forget] = useDraft(`schedule ${render.id}`, {
    title: words.title.slice(0, 100),
    description: words.description,
    tags: words.tags.join(', '),
    category: '',
    local: '',
    kids: '' as Answer,
    altered: '' as Answer,
    notify: true,
  });
  const [missing, setMissing] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  // The same words are one publication, however often they are sent; other words are sent under another key.
  const attempt = useRef({ body: '', key: '' });
  const schedule = useMutation({
    mutationFn: async (body: ScheduleBody) => {
      const text = JSON.stringify(body);
      if (attempt.current.body !== text) attempt.current = { body: text, key: crypto.randomUUID() };
      return (await api.scheduleUpload({ body, headers: { 'Idempotency-Key': attempt.current.key } })).data;
    },
    onSuccess: async (upload) => {
      forget();
      toast(t`Scheduled.`);
      await Promise.all([cache.invalidateQueries({ queryKey: ['uploads'] }), cache.invalidateQueries({ queryKey: ['slots'] })]);
      await navigate({ to: '/calendar', search: { upload: upload.id, day: upload.local_time.slice(0, 10) } });
    },
  });
  const change = (changed: Partial<typeof draft>) => setDraft({ ...draft, ...changed });
  const unanswered = (answer: Answer, pointer: string) => fieldError(schedule.error, pointer) ?? (missing && !answer ? t`Has to be answered.` : undefined);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (schedule.isPending) return;
    const isMissing = !draft.local || !draft.kids || !draft.altered;
    setMissing(isMissing);
    if (isMissing) return form.current?.querySelector<HTMLElement>(!draft.local ? '[name=slot], [name=local]' : !draft.kids ? '[name=kids]' : '[name=altered]')?.focus();
    schedule.mutate({
      render_id: render.id,
      title: draft.title,
      description: draft.description,
      tags: tagsOf(draft.tags),
      category_id: draft.category || null,
      local_time: draft.local,
      time_zone: channel.time_zone,
      made_for_kids: draft.kids === 'yes',
      altered_content: draft.altered === 'yes',
      notify_subscribers: draft.notify,
    });
  }

  const whenError = ['/publish_at', '/local_time', '/time_zone'].map((pointer) => fieldError(schedule.error, pointer)).find(Boolean);
  const isAboutTime = schedule.error instanceof Problem && ['publish_time_past', 'slot_taken', 'upload_day_full'].includes(schedule.error.code);
  return (
    <form ref={form} className="card stack" aria-labelledby="schedule" onSubmit={submit} noValidate>
      <h2 id="schedule">
        <Trans>Schedule it</Trans>
      </h2>
      <TextField label={t`Title`} value={draft.title} maxLength={100} error={fieldError(schedule.error, '/title')} onChange={(event) => change({ title: event.target.value })} />
      <TextArea label={t`Description`} value={draft.description} maxLength={5000} error={fieldError(schedule.error, '/description')} onChange={(event) => change({ description: event.target.value })} />
      <TextField label={t`Tags`} hint={t`Between commas`} value={draft.tags} error={fieldError(schedule.error, '/tags')} onChange={(event) => change({ tags: event.target.value })} />
      <Category value={draft.category} error={fieldError(schedule.error, '/category_id')} choose={(category) => change({ category })} />
      <When
        channel={channel}
        value={draft.local}
        error={whenError ?? (isAboutTime ? (schedule.error as Problem).message : missing && !draft.local ? t`Choose when it goes out.` : undefined)}
        choose={(local) => change({ local })}
      />
      <Choice
        label={t`Is it made for kids?`}
        name="kids"
        value={draft.kids || undefined}
        error={unanswered(draft.kids, '/made_for_kids')}
        onChoose={(kids) => change({ kids })}
        options={[
          { value: 'no', label: t`No` },
          { value: 'yes', label: t`Yes` },
        ]}
      />
      <Choice
        label={t`Does it show realistic altered or synthetic content?`}
        name="altered"
        value={draft.altered || undefined}
        error={unanswered(draft.altered, '/altered_content')}
        onChoose={(altered) => change({ altered })}
        options={[
          { value: 'no', label: t`No` },
          { value: 'yes', label: t`Yes` },
        ]}
      />
      <Check label={t`Tell subscribers when it is published`} checked={draft.notify} onChange={(event) => change({ notify: event.target.checked })} />
      {isAboutTime ? null : <ProblemNote error={schedule.error} shownBeside={BESIDE} />}
      <div className="row">
        <Button type="submit" kind="main" busy={schedule.isPending}>
          <Trans>Schedule</Trans>
        </Button>
      </div>
    </form>
  );
}
