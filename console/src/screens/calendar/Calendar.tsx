import { parseDate } from '@internationalized/date';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { SeenChannel } from '../../api/channels.ts';
import { uploadsQuery } from '../../api/uploads.ts';
import { WithChannel } from '../../channels/WithChannel.tsx';
import { Asked } from '../../components/Asked.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { formats } from '../../i18n/i18n.ts';
import { boundsOf, dayIn } from '../../time/zones.ts';
import { Agenda } from './Agenda.tsx';
import { Bar } from './Bar.tsx';
import { daysOf } from './range.ts';
import { Days } from './Days.tsx';
import { UploadModal } from './UploadModal.tsx';
import { useNarrow } from './useNarrow.ts';
import { ZoneNote } from './ZoneNote.tsx';

export function Calendar() {
  return (
    <>
      <PageHeader title={<Trans>Calendar</Trans>} />
      <WithChannel>{(channel) => <OfChannel key={channel.id} channel={channel} />}</WithChannel>
    </>
  );
}

function OfChannel({ channel }: { channel: SeenChannel }) {
  const search = useSearch({ from: '/shell/calendar' });
  const navigate = useNavigate({ from: '/calendar' });
  const isNarrow = useNarrow();
  const zone = channel.time_zone;
  const view = isNarrow ? 'agenda' : (search.view ?? 'week');
  const today = dayIn(Date.now(), zone);
  const day = search.day ? parseDate(search.day) : today;
  const days = daysOf(view, day, formats());
  const [first, last] = [days[0] ?? day, days.at(-1) ?? day];
  const uploads = useQuery(uploadsQuery(channel.id, new Date(boundsOf(first, zone)[0]).toISOString(), new Date(boundsOf(last, zone)[1]).toISOString()));

  return (
    <div className="stack">
      <Bar view={view} day={day} today={today} first={first} last={last} hasViews={!isNarrow} />
      <ZoneNote zone={zone} />
      <Asked query={uploads} waiting={<Skeleton lines={5} tall />}>
        {(all) => {
          const shown = all.filter(({ state }) => state !== 'cancelled');
          return view === 'agenda' ? (
            <Agenda uploads={shown} channel={channel} />
          ) : (
            <Days view={view} days={days} month={day.month} today={today} uploads={shown} channel={channel} />
          );
        }}
      </Asked>
      {search.upload ? <UploadModal id={search.upload} channel={channel} close={() => void navigate({ search: (before) => ({ ...before, upload: undefined }) })} /> : null}
    </div>
  );
}
