import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { Problem } from 'content-catalyst-sdk';
import type { FormEvent } from 'react';
import type { SeenChannel } from '../../api/channels.ts';
import { Button } from '../../components/Button.tsx';
import { TextArea, TextField } from '../../components/Field.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { toast } from '../../components/toast.ts';
import { ZoneField } from '../../components/ZoneField.tsx';
import styles from './Channels.module.css';
import { Clash } from './Clash.tsx';
import { Links } from './Links.tsx';
import { NAMES, POINTERS } from './names.ts';
import type { Setting } from './settings.ts';
import { Slots } from './Slots.tsx';
import { useSettings } from './useSettings.ts';

/** What is wrong with a setting or a part of it, in the API's words. */
function errorUnder(error: unknown, pointer: string): string | undefined {
  if (!(error instanceof Problem)) return undefined;
  return error.errors.find((each) => each.pointer === pointer || each.pointer?.startsWith(`${pointer}/`))?.message;
}

const pointersOf = (error: unknown) => (error instanceof Problem ? error.errors.flatMap(({ pointer }) => pointer ?? []) : []);

export function SettingsForm({ channel }: { channel: SeenChannel }) {
  const { i18n, t } = useLingui();
  const { draft, change, changed, reset, save, clash } = useSettings(channel);
  const isClash = save.error instanceof Problem && save.error.code === 'version_mismatch';
  const name = (key: Setting) => i18n._(NAMES[key]);
  const wrong = (key: Setting) => errorUnder(save.error, POINTERS[key]);
  const text = (key: 'language' | 'person' | 'register' | 'audience', hint: string) => (
    <TextField label={name(key)} hint={hint} error={wrong(key)} value={draft[key]} onChange={(event) => change({ [key]: event.target.value })} />
  );
  const area = (key: 'topics' | 'use' | 'avoid' | 'calls' | 'structure') => (
    <TextArea label={name(key)} hint={t`One on each line`} rows={3} error={wrong(key)} value={draft[key]} onChange={(event) => change({ [key]: event.target.value })} />
  );

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!save.isPending && changed.length > 0) save.mutate(undefined, { onSuccess: () => toast(t`Saved.`) });
  }

  return (
    <form className={`card ${styles.section}`} onSubmit={submit} noValidate aria-labelledby="settings">
      <h2 id="settings">
        <Trans>Settings</Trans>
      </h2>
      {clash ? <Clash clash={clash} draft={draft} change={change} /> : null}

      <h3>
        <Trans>When it publishes</Trans>
      </h3>
      <div className={styles.pair}>
        <ZoneField label={name('zone')} error={wrong('zone')} value={draft.zone} onChange={(zone) => change({ zone })} />
        <TextField label={name('gap')} type="number" min={0} max={10_080} inputMode="numeric" error={wrong('gap')} value={draft.gap} onChange={(event) => change({ gap: event.target.value })} />
      </div>
      <Slots slots={draft.slots} zone={draft.zone} error={wrong('slots')} change={(slots) => change({ slots })} />

      <h3>
        <Trans>How it speaks</Trans>
      </h3>
      <div className={styles.pair}>
        {text('language', t`Of everything that is written: en, de, pt-BR`)}
        {text('person', t`I, we, or the name of a host`)}
        {text('register', t`Calm, playful, formal …`)}
        {text('audience', t`In a sentence`)}
      </div>
      <div className={styles.pair}>
        {area('use')}
        {area('avoid')}
        {area('calls')}
        {area('structure')}
      </div>
      <Links blocks={draft.links} error={wrong('links')} change={(links) => change({ links })} />

      <h3>
        <Trans>What it does not touch</Trans>
      </h3>
      {area('topics')}

      {isClash ? null : <ProblemNote error={save.error} shownBeside={pointersOf(save.error)} />}
      <div className={styles.bottom}>
        <Button type="submit" kind="main" busy={save.isPending} off={changed.length === 0}>
          <Trans>Save</Trans>
        </Button>
        {changed.length > 0 ? (
          <Button kind="quiet" onClick={reset}>
            <Trans>Undo my changes</Trans>
          </Button>
        ) : null}
        <span className="soft small" role="status">
          {changed.length > 0 ? <Plural value={changed.length} one="# setting changed" other="# settings changed" /> : <Trans>Everything is saved.</Trans>}
        </span>
      </div>
    </form>
  );
}
