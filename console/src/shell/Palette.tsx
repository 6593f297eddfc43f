import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useId, useState } from 'react';
import { piecesQuery } from '../api/content.ts';
import { useChannel } from '../channels/useChannel.ts';
import { KINDS } from '../components/ContentBadge.tsx';
import { Modal } from '../components/Modal.tsx';
import styles from './Palette.module.css';
import type { Place } from './places.ts';

/** How many are offered at once. */
const FEW = 9;

interface Offer {
  key: string;
  name: string;
  kind: string;
  go: () => void;
}

/** Anywhere, by a few letters of its name. */
export default function Palette({ places, onClose }: { places: readonly Place[]; onClose: () => void }) {
  const { i18n, t } = useLingui();
  const navigate = useNavigate();
  const { channel } = useChannel();
  const pieces = useQuery({ ...piecesQuery(channel?.id ?? ''), enabled: channel !== undefined });
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();

  const all: Offer[] = [
    ...places.map((place) => ({ key: place.to, name: i18n._(place.name), kind: t`Screen`, go: () => void navigate({ to: place.to }) })),
    ...(pieces.data ?? []).map((piece) => ({
      key: piece.id,
      name: piece.title ?? t`Without a title`,
      kind: i18n._(KINDS[piece.kind]),
      go: () => void navigate({ to: '/content/$id', params: { id: piece.id } }),
    })),
  ];
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const offers = all.filter(({ name }) => words.every((word) => name.toLocaleLowerCase().includes(word))).slice(0, FEW);

  function take(offer: Offer | undefined) {
    if (!offer) return;
    onClose();
    offer.go();
  }

  function onKey(event: KeyboardEvent) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      event.preventDefault();
      setAt((at + by + offers.length) % Math.max(1, offers.length));
    }
    if (event.key === 'Enter') take(offers[at]);
  }

  return (
    <Modal title={<Trans>Go to</Trans>} onClose={onClose}>
      <input
        className={styles.input}
        role="combobox"
        aria-label={t`Go to`}
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={offers[at] ? `${list}-${at}` : undefined}
        autoComplete="off"
        autoFocus
        value={text}
        onKeyDown={onKey}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
      />
      <ul id={list} role="listbox" aria-label={t`Places`} className={styles.offers}>
        {offers.map((offer, n) => (
          <li key={offer.key} id={`${list}-${n}`} role="option" aria-selected={n === at} className={styles.offer} onPointerEnter={() => setAt(n)} onClick={() => take(offer)}>
            <span className={styles.name}>{offer.name}</span>
            <span className="soft small">{offer.kind}</span>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
