import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type Me, Problem } from 'content-catalyst-sdk';
import { type FormEvent, useState } from 'react';
import { api, ifVersion } from '../../api/client.ts';
import { meQuery } from '../../api/me.ts';
import { Button } from '../../components/Button.tsx';
import { TextField } from '../../components/Field.tsx';
import { Notice } from '../../components/Notice.tsx';
import { fieldError, ProblemNote } from '../../components/ProblemNote.tsx';
import { toast } from '../../components/toast.ts';
import { ZoneField } from '../../components/ZoneField.tsx';
import styles from './Account.module.css';

const isClash = (error: unknown) => error instanceof Problem && error.code === 'version_mismatch';

/** Name and zone. What was typed stays when the profile was changed elsewhere meanwhile; both are shown. */
export function Profile({ me }: { me: Me }) {
  const { t } = useLingui();
  const cache = useQueryClient();
  const [draft, setDraft] = useState<{ name: string; zone: string }>();
  const stored = { name: me.display_name ?? '', zone: me.time_zone };
  const { name, zone } = draft ?? stored;
  const isChanged = name.trim() !== stored.name || zone !== stored.zone;
  const save = useMutation({
    mutationFn: async () => (await api.updateMe({ headers: ifVersion(me), body: { display_name: name.trim() || null, time_zone: zone } })).data,
    onSuccess: (fresh) => {
      cache.setQueryData(meQuery.queryKey, fresh);
      setDraft(undefined);
      toast(t`Saved.`);
    },
    onError: (error) => {
      if (isClash(error)) void cache.invalidateQueries({ queryKey: meQuery.queryKey });
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!save.isPending && isChanged) save.mutate();
  }
  return (
    <form className={`card ${styles.section}`} onSubmit={submit} noValidate aria-labelledby="profile">
      <h2 id="profile">
        <Trans>You</Trans>
      </h2>
      {isClash(save.error) ? (
        <Notice tone="warn">
          <p>
            <Trans>
              This was changed elsewhere meanwhile: {stored.name || t`no name`}, {stored.zone}. What you typed is still here: save it, or take the other.
            </Trans>
          </p>
          <div className="row">
            <Button
              size="s"
              onClick={() => {
                setDraft(undefined);
                save.reset();
              }}
            >
              <Trans>Take the other</Trans>
            </Button>
          </div>
        </Notice>
      ) : (
        <ProblemNote error={save.error} shownBeside={['/display_name', '/time_zone']} />
      )}
      <TextField label={<Trans>Name</Trans>} autoComplete="name" error={fieldError(save.error, '/display_name')} value={name} onChange={(event) => setDraft({ name: event.target.value, zone })} />
      <ZoneField label={<Trans>Time zone</Trans>} error={fieldError(save.error, '/time_zone')} value={zone} onChange={(next) => setDraft({ name, zone: next })} />
      <div className="row">
        <Button type="submit" kind="main" busy={save.isPending} off={!isChanged}>
          <Trans>Save</Trans>
        </Button>
      </div>
    </form>
  );
}
