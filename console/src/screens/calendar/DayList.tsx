import type { CalendarDate } from '@internationalized/date';
import { useLingui } from '@lingui/react/macro';
import type { Upload } from 'content-catalyst-sdk';
import { GridList, GridListItem, useDragAndDrop } from 'react-aria-components';
import { onDay } from '../../time/zones.ts';
import { Card } from './Card.tsx';
import styles from './DayList.module.css';
import { isMovable } from './movable.ts';

const TYPE = 'catalyst-upload';

interface DayListProps {
  /** The day in words. */
  name: string;
  day: CalendarDate;
  zone: string;
  uploads: Upload[];
  find: (id: string) => Upload | undefined;
  move: (upload: Upload, to: number) => void;
}

/** What goes out on one day. Others can be dropped here, with the pointer or with the keyboard. */
export function DayList({ name, day, zone, uploads, find, move }: DayListProps) {
  const { t } = useLingui();
  const { dragAndDropHooks } = useDragAndDrop({
    getItems: (keys) => [...keys].filter((key) => isMovable(find(String(key)))).map((key) => ({ [TYPE]: String(key), 'text/plain': find(String(key))?.title ?? '' })),
    acceptedDragTypes: [TYPE],
    getDropOperation: () => 'move',
    onRootDrop: async ({ items }) => {
      for (const item of items) {
        if (item.kind !== 'text') continue;
        const upload = find(await item.getText(TYPE));
        if (upload) move(upload, onDay(upload.publish_at, day, zone));
      }
    },
  });
  return (
    <GridList
      className={styles.list}
      aria-label={name}
      items={uploads}
      selectionMode="none"
      dragAndDropHooks={dragAndDropHooks}
      renderEmptyState={() => <span className="unseen">{t`Nothing goes out`}</span>}
    >
      {(upload) => (
        <GridListItem id={upload.id} textValue={upload.title} className={styles.item}>
          <Card upload={upload} zone={zone} />
        </GridListItem>
      )}
    </GridList>
  );
}
