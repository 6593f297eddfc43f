import { Trans, useLingui } from '@lingui/react/macro';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { SeenChannel } from '../../api/channels.ts';
import { useGeneration } from '../../api/generate.ts';
import { Button } from '../../components/Button.tsx';
import { Choice, SelectField, TextArea, TextField } from '../../components/Field.tsx';
import { Icon } from '../../components/Icon.tsx';
import { fieldError, ProblemNote } from '../../components/ProblemNote.tsx';
import { Writing } from '../../components/Writing.tsx';
import styles from './Begin.module.css';
import { Budget } from './Budget.tsx';
import { useDraft } from '../../forms/useDraft.ts';

type Form = 'short' | 'long' | 'best';

/** Where a video begins: ideas out of what worked, or a script at once for a subject that is settled. */
export function Begin({ channel }: { channel: SeenChannel }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [draft, setDraft] = useDraft(`begin ${channel.id}`, { topic: '', notes: '', form: 'best' as Form, count: '5' });
  const [kind, setKind] = useState<'ideas' | 'script'>('ideas');
  const { progress, error, write, stop } = useGeneration();

  async function submit(event: FormEvent) {
    event.preventDefault();
    const content = await write(kind, {
      channel_id: channel.id,
      topic: draft.topic.trim() || null,
      notes: draft.notes.trim() || null,
      form: draft.form === 'best' ? null : draft.form,
      count: kind === 'ideas' ? Number(draft.count) : null,
    });
    if (content) {
      setDraft({ ...draft, topic: '', notes: '' });
      await navigate({ to: '/content/$id', params: { id: content.id } });
    }
  }

  return (
    <section className="card" aria-labelledby="begin">
      <form className="stack" onSubmit={(event) => void submit(event)} noValidate>
        <div className="row between">
          <h2 id="begin">
            <Trans>Begin a video</Trans>
          </h2>
          <Budget />
        </div>
        <Choice
          label={t`What is written`}
          name="kind"
          value={kind}
          onChoose={setKind}
          options={[
            { value: 'ideas', label: t`Ideas`, note: t`Several to choose from` },
            { value: 'script', label: t`A script`, note: t`For a subject that is settled` },
          ]}
        />
        <div className={styles.fields}>
          <TextField
            label={kind === 'ideas' ? t`Subject (left open when empty)` : t`Subject`}
            value={draft.topic}
            maxLength={300}
            error={fieldError(error, '/topic')}
            onChange={(event) => setDraft({ ...draft, topic: event.target.value })}
          />
          <SelectField label={t`Form`} value={draft.form} error={fieldError(error, '/form')} onChange={(event) => setDraft({ ...draft, form: event.target.value as Form })}>
            <option value="best">{t`What works best here`}</option>
            <option value="short">{t`Short`}</option>
            <option value="long">{t`Ordinary video`}</option>
          </SelectField>
          {kind === 'ideas' ? (
            <SelectField label={t`How many`} value={draft.count} error={fieldError(error, '/count')} onChange={(event) => setDraft({ ...draft, count: event.target.value })}>
              {['3', '5', '8', '10'].map((count) => (
                <option key={count}>{count}</option>
              ))}
            </SelectField>
          ) : null}
        </div>
        <TextArea
          label={t`Anything the writer should know`}
          value={draft.notes}
          maxLength={2000}
          error={fieldError(error, '/notes')}
          onChange={(event) => setDraft({ ...draft, notes: event.target.value })}
        />
        <ProblemNote error={error} shownBeside={['/topic', '/form', '/count', '/notes']} />
        {progress ? (
          <Writing progress={progress} stop={stop} />
        ) : (
          <div className="row">
            <Button type="submit" kind="main" icon={<Icon name="spark" size={18} />}>
              {kind === 'ideas' ? <Trans>Write ideas</Trans> : <Trans>Write the script</Trans>}
            </Button>
          </div>
        )}
      </form>
    </section>
  );
}
