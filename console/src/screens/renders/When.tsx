import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SeenChannel } from '../../api/channels.ts';
import { slotsQuery } from '../../api/slots.ts';
import { Choice, TextField } from '../../components/Field.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { Moment } from '../../time/Moment.tsx';
import { TwoZones } from '../../time/TwoZones.tsx';
import { instantOf } from '../../time/zones.ts';

interface WhenProps {
  channel: SeenChannel;
  /** On the channel's clocks, `2026-12-01T18:00`. */
  value: string;
  error?: string;
  choose: (local: string) => void;
}

const OWN = 'own';

/** One of the next free slots, or a time of one's own; both on the channel's clocks. */
export function When({ channel, value, error, choose }: WhenProps) {
  const { t } = useLingui();
  const slots = useQuery(slotsQuery(channel.id));
  const offered = slots.data?.slice(0, 4).map(({ local_time, publish_at }) => ({ local: local_time.slice(0, 16), publish_at })) ?? [];
  const [wantsOwn, setWantsOwn] = useState(value !== '');
  const isOwn = wantsOwn && !offered.some(({ local }) => local === value);

  return (
    <>
      <ProblemNote error={slots.error} again={() => void slots.refetch()} />
      <Choice
        label={t`When`}
        name="slot"
        isList
        value={isOwn ? OWN : value || undefined}
        error={isOwn ? undefined : error}
        onChoose={(chosen) => {
          setWantsOwn(chosen === OWN);
          choose(chosen === OWN ? '' : chosen);
        }}
        options={[
          ...offered.map(({ local, publish_at }) => ({ value: local, label: <TwoZones at={publish_at} zone={channel.time_zone} /> })),
          { value: OWN, label: t`Another time` },
        ]}
      />
      {isOwn ? (
        <TextField
          label={t`Day and time in ${channel.time_zone}`}
          name="local"
          type="datetime-local"
          value={value}
          error={error}
          hint={value ? <Trans>On your clock: <Moment at={instantOf(value, channel.time_zone)} /></Trans> : undefined}
          onChange={(event) => choose(event.target.value)}
        />
      ) : null}
    </>
  );
}
