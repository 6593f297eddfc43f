import { Trans, useLingui } from '@lingui/react/macro';
import type { Upload } from 'content-catalyst-sdk';
import { type FormEvent, useState } from 'react';
import type { SeenChannel } from '../../api/channels.ts';
import { Button } from '../../components/Button.tsx';
import { TextField } from '../../components/Field.tsx';
import { Moment } from '../../time/Moment.tsx';
import { hereZone, instantOf, localTime, sameClock } from '../../time/zones.ts';

interface MoveToProps {
  upload: Upload;
  channel: SeenChannel;
  move: (upload: Upload, to: number) => void;
  done: () => void;
}

/** Moves a publication in words: whatever can be dragged can be typed. */
export function MoveTo({ upload, channel, move, done }: MoveToProps) {
  const { t } = useLingui();
  const zone = channel.time_zone;
  const [local, setLocal] = useState(() => localTime(upload.publish_at, zone));
  const at = local ? instantOf(local, zone) : undefined;

  function submit(event: FormEvent) {
    event.preventDefault();
    if (at === undefined) return;
    move(upload, at);
    done();
  }

  return (
    <form className="stack" onSubmit={submit}>
      <TextField
        label={t`Day and time in ${zone}`}
        type="datetime-local"
        value={local}
        autoFocus
        required
        hint={
          at !== undefined && !sameClock(at, zone, hereZone()) ? (
            <Trans>
              On your clock: <Moment at={at} />
            </Trans>
          ) : undefined
        }
        onChange={(event) => setLocal(event.target.value)}
      />
      <div className="row">
        <Button type="submit" kind="main">
          <Trans>Move it</Trans>
        </Button>
        <Button kind="quiet" onClick={done}>
          <Trans>Leave it</Trans>
        </Button>
      </div>
    </form>
  );
}
