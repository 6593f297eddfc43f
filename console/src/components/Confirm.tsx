import { Trans } from '@lingui/react/macro';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from './Button.tsx';
import { TextField } from './Field.tsx';
import { Modal } from './Modal.tsx';
import { ProblemNote } from './ProblemNote.tsx';

interface ConfirmProps {
  title: ReactNode;
  /** What will happen. */
  children: ReactNode;
  /** What the button says: the deed itself. */
  deed: ReactNode;
  /** To be typed before it may be pressed, for what nobody can take back. */
  phrase?: string;
  busy: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something that cannot be taken back. */
export function Confirm({ title, children, deed, phrase, busy, error, onConfirm, onClose }: ConfirmProps) {
  const [typed, setTyped] = useState('');
  const [missed, setMissed] = useState(false);
  const fits = phrase === undefined || typed.trim() === phrase.trim();
  function submit(event: FormEvent) {
    event.preventDefault();
    setMissed(!fits);
    if (fits && !busy) onConfirm();
  }
  return (
    <Modal title={title} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        {children}
        {phrase === undefined ? null : (
          <TextField
            label={
              <Trans>
                Type “{phrase}” to go on
              </Trans>
            }
            value={typed}
            autoComplete="off"
            spellCheck={false}
            error={missed && !fits ? <Trans>This is not the same.</Trans> : undefined}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
        <ProblemNote error={error} />
        <div className="row">
          <Button type="submit" kind="danger" busy={busy}>
            {deed}
          </Button>
          <Button kind="quiet" onClick={onClose}>
            <Trans>Keep it</Trans>
          </Button>
        </div>
      </form>
    </Modal>
  );
}
