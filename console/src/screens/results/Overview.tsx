import { Plural, Trans } from '@lingui/react/macro';
import { parseDate } from '@internationalized/date';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useMemo, useRef } from 'react';
import { type Catalogue, catalogueQuery } from '../../api/catalogue.ts';
import type { SeenChannel } from '../../api/channels.ts';
import { SyncProgress } from '../../channels/SyncProgress.tsx';
import { Asked } from '../../components/Asked.tsx';
import { Button } from '../../components/Button.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Notice } from '../../components/Notice.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { whole } from '../../i18n/numbers.ts';
import { boundsOf } from '../../time/zones.ts';
import { FilterBar } from './FilterBar.tsx';
import { counts, inOrder, unlabelled, withLabels } from './filters.ts';
import { LabelButtons } from './LabelButtons.tsx';
import { MultiplierChart } from './MultiplierChart.tsx';
import styles from './Results.module.css';
import { useFilters } from './useFilters.ts';
import { VideoList } from './VideoList.tsx';
import { Waiting } from './Waiting.tsx';

/** The chart and the list of a channel's videos, and what is chosen of them. */
export function Overview({ channel }: { channel: SeenChannel }) {
  const query = useQuery(catalogueQuery(channel.id));
  const cache = useQueryClient();
  const synced = useRef(channel.last_synced_at);
  useEffect(() => {
    // Whatever a synchronisation has brought belongs here.
    if (synced.current !== channel.last_synced_at) void cache.invalidateQueries({ queryKey: catalogueQuery(channel.id).queryKey });
    synced.current = channel.last_synced_at;
  }, [cache, channel.id, channel.last_synced_at]);

  return (
    <div className="stack">
      <SyncProgress channel={channel} />
      <Asked query={query} waiting={<Waiting />}>
        {(catalogue) => (
          <>
            {query.isError ? <ProblemNote error={query.error} again={() => void query.refetch()} /> : null}
            <Chosen channel={channel} catalogue={catalogue} />
          </>
        )}
      </Asked>
    </div>
  );
}

function Chosen({ channel, catalogue }: { channel: SeenChannel; catalogue: Catalogue }) {
  const { filters, change, clear, isFiltered } = useFilters();
  const wanted = useDeferredValue(filters);
  const { entries } = catalogue;
  const { time_zone: zone } = channel;
  const unsorted = useMemo(() => unlabelled(entries, wanted, (day) => boundsOf(parseDate(day), zone)), [entries, wanted, zone]);
  const each = useMemo(() => counts(unsorted), [unsorted]);
  const chosen = useMemo(() => withLabels(unsorted, wanted.label), [unsorted, wanted.label]);
  const sorted = useMemo(() => inOrder(chosen, wanted.sort), [chosen, wanted.sort]);

  if (entries.length === 0) {
    return (
      <Empty icon="results" title={<Trans>No videos yet</Trans>}>
        <p>
          <Trans>When your videos are read from YouTube, each stands here beside the earlier ones of its format, and is compared once three earlier ones are there.</Trans>
        </p>
      </Empty>
    );
  }
  return (
    <>
      {catalogue.scoresShown ? null : (
        <Notice>
          <Trans>Comparisons are hidden until the operator of this service has accepted YouTube's terms for derived numbers. Views are YouTube's own.</Trans>
        </Notice>
      )}
      <FilterBar filters={filters} change={change} />
      {catalogue.scoresShown ? (
        <section className={`card ${styles.panel}`} aria-labelledby="multipliers">
          <div className="row between">
            <h2 id="multipliers">
              <Trans>Times the usual views</Trans>
            </h2>
            <span className="soft small">
              <Trans>Content Catalyst score, not a YouTube metric</Trans>
            </span>
          </div>
          <LabelButtons counts={each} label={filters.label} onChoose={(label) => change({ label })} />
          <MultiplierChart entries={chosen} />
        </section>
      ) : null}
      <section aria-labelledby="videos" className="stack">
        <div className="row between">
          <h2 id="videos" aria-live="polite">
            <Plural value={sorted.length} one="# video" other="# videos" />
          </h2>
          {catalogue.complete ? null : (
            <span className="soft small number" role="status">
              <Trans>
                {whole(entries.length)} of {whole(channel.sync.videos_synced ?? entries.length)} loaded…
              </Trans>
            </span>
          )}
          {isFiltered ? (
            <Button size="s" kind="quiet" onClick={clear}>
              <Trans>Show all</Trans>
            </Button>
          ) : null}
        </div>
        {sorted.length === 0 ? (
          <Empty
            icon="search"
            title={<Trans>Nothing fits</Trans>}
            action={
              <Button onClick={clear}>
                <Trans>Show all</Trans>
              </Button>
            }
          >
            <p>
              <Trans>No video has all of this at once.</Trans>
            </p>
          </Empty>
        ) : (
          <VideoList entries={sorted} scoresShown={catalogue.scoresShown} />
        )}
      </section>
    </>
  );
}
